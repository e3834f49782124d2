"""The cubic teacher's theory at finite d in NumPy: damped Newton on a fixed grid of 200 nodes, point by
point, as a careful user would write it. The same equations as Sources/Solvers/Design.md.

    theory_peer.py GOLDEN.json SIDE REPEATS

checks itself against the golden table, then solves SIDE x SIDE points (sigma2 0.08 to 0.4, epsilon -1 to
-0.05 at the base point's n, d, N) REPEATS times, and prints one JSON object."""

import json
import math
import sys
import time

import numpy as np

NODES = 200
FARTHEST = 3.0
# Trapezoid weights on [0, FARTHEST]; the integrand is even and dies out before the end.
Q = np.linspace(0.0, FARTHEST, NODES)
Q2 = Q * Q
WEIGHT = np.ones(NODES)
WEIGHT[0] = WEIGHT[-1] = 0.5
GAUSS_NODES, GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(64)


class Ensemble:
    def __init__(self, n, d, N, sigma2, sigma_a2, sigma_w2, epsilon):
        self.n, self.d, self.N, self.sigma2 = n, d, N, sigma2
        self.sigma_a2, self.sigma_w2, self.epsilon = sigma_a2, sigma_w2, epsilon
        self.s = sigma2 / n
        self.u = self.sigma_a2 / (self.s * self.s * d * N)
        self.y = np.array([1.0, math.sqrt(6.0) * epsilon])
        D = 1.0 + 2.0 * (sigma_w2 + Q2)
        self.v = np.empty((2, NODES))
        self.v[0] = (2.0 / math.sqrt(math.pi)) * Q / np.sqrt(D)
        self.v[1] = (-4.0 / math.sqrt(6.0 * math.pi)) * Q * Q2 / (D * np.sqrt(D))
        self.prior = d * Q2 / (2.0 * sigma_w2)

    def evaluate(self, x):
        """G, its gradient and Hessian, and the density at the nodes."""
        along = x @ self.v
        E = (0.5 * self.d * self.u) * along * along - self.prior
        shift = E.max()
        p = WEIGHT * np.exp(E - shift)
        total = p.sum()
        p /= total
        vp = self.v * p
        second = self.v @ vp.T
        Q_ = self.sigma_a2 * second
        h = self.v * along
        mean = vp @ along
        covariance = (h * p) @ h.T - np.outer(mean, mean)
        s = self.s
        G = (x @ self.y - 0.5 * (x @ x)) / s - self.N * (shift + math.log(total))
        gradient = (self.y - x) / s - (Q_ @ x) / (s * s)
        du = self.d * self.u
        hessian = -np.eye(2) / s - Q_ / (s * s) - self.N * du * du * covariance
        return G, gradient, hessian, p, Q_

    def solve(self):
        x = self.y.copy()
        G, gradient, hessian, p, Q_ = self.evaluate(x)
        for iteration in range(1, 200):
            step = np.linalg.solve(hessian, -gradient)
            slope = gradient @ step
            length = 1.0
            while True:
                trial = self.evaluate(x + length * step)
                if trial[0] >= G + 1e-4 * length * slope or slope < 1e-10 or length < 1e-12:
                    break
                length *= 0.5
            x = x + length * step
            G, gradient, hessian, p, Q_ = trial
            if np.abs(step).max() < 1e-13:
                break
        self.x, self.p, self.Q, self.iterations = x, p, Q_, iteration
        s = self.s
        self.residual = np.abs(x - s * np.linalg.solve(Q_ + s * np.eye(2), self.y)).max()
        return self.columns()

    def action(self, q):
        D = 1.0 + 2.0 * (self.sigma_w2 + q * q)
        along = (2.0 / math.sqrt(math.pi)) * q / np.sqrt(D) * (self.b - 2.0 * self.c * q * q / D)
        return q * q / (2.0 * self.sigma_w2) - 0.5 * self.u * along * along

    def columns(self):
        b = self.b = float(self.x[0])
        c = self.c = float(self.x[1]) / math.sqrt(6.0)
        A = 1.0 + 2.0 * self.sigma_w2
        curvature = 1.0 / self.sigma_w2 - (4.0 * self.u / math.pi) * b * b / A
        row = {
            "u": self.u, "b": b, "c": c, "learned_linear": 1.0 - b,
            "learned_cubic": (self.epsilon - c) / self.epsilon if self.epsilon else math.nan,
            "q_mean_square": float(self.p @ Q2), "q_star": math.nan, "action_star": math.nan,
            "q_barrier": math.nan, "action_barrier": math.nan, "droplet_fraction": 0.0,
            "centre_curvature": curvature, "phase": 0, "residual": float(self.residual),
            "iterations": self.iterations,
        }
        # Shat' = 0 in r = q^2/D: (b - 2 c r)(b - 6 c r)(1 - 2 r)^2 = pi A/(4 u sigma_w2).
        f = np.polymul(np.polymul([-2.0 * c, b], [-6.0 * c, b]), [4.0, -4.0, 1.0])
        f[-1] -= math.pi * A / (4.0 * self.u * self.sigma_w2)
        roots = np.roots(f)
        r = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
        r = r[(r > 0.0) & (r < 0.5)]
        if len(r) < (2 if curvature > 0.0 else 1):
            return row
        q = np.sqrt(A * r / (1.0 - 2.0 * r))
        q_star = float(q[-1])
        q_barrier = float(q[-2]) if len(q) > 1 else 0.0
        row["q_star"], row["action_star"] = q_star, float(self.action(q_star))
        row["q_barrier"], row["action_barrier"] = q_barrier, float(self.action(q_barrier))
        fraction = 1.0
        if q_barrier > 0.0:
            # Relative to the grid's own normalisation.
            lowest = float(self.action(Q).min())
            whole = (WEIGHT * np.exp(-self.d * (self.action(Q) - lowest))).sum() * (Q[1] - Q[0])
            half = 0.5 * (FARTHEST - q_barrier)
            nodes = q_barrier + half * (GAUSS_NODES + 1.0)
            beyond = half * (GAUSS_WEIGHTS @ np.exp(-self.d * (self.action(nodes) - lowest)))
            fraction = float(beyond / whole)
        row["droplet_fraction"] = fraction
        if self.N * fraction >= 1.0:
            row["phase"] = 2 if self.N * (1.0 - fraction) < 1.0 else 1
        return row


PARAMETERS = ["n", "d", "N", "sigma2", "sigma_a2", "sigma_w2", "epsilon"]


def golden_deviation(path):
    """The worst relative deviation of u, b, c and q_mean_square."""
    with open(path) as file:
        rows = json.load(file)["rows"]
    worst = 0.0
    for row in rows:
        ours = Ensemble(*(row[name] for name in PARAMETERS)).solve()
        for name in ("u", "b", "c", "q_mean_square"):
            worst = max(worst, abs(ours[name] / row[name] - 1.0))
        if ours["phase"] != row["phase"]:
            worst = math.inf
    return worst


def main():
    golden, side, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    deviation = golden_deviation(golden)
    points = [
        (3000.0, 150.0, 700.0, float(sigma2), 8.0 / 700.0, 0.5, float(epsilon))
        for sigma2 in np.linspace(0.08, 0.4, side)
        for epsilon in np.linspace(-1.0, -0.05, side)
    ]
    rates = []
    for _ in range(repeats):
        start = time.process_time()
        total = 0.0
        for point in points:
            total += Ensemble(*point).solve()["b"]
        rates.append(len(points) / (time.process_time() - start))
    print(json.dumps({
        "golden_deviation": deviation, "points_per_second": rates,
        "mean_b": total / len(points), "numpy": np.__version__,
    }))


main()
