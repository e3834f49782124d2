print("spinodal")
