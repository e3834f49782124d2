#ifndef SPINODAL_CZEROMQ_SHIM_H
#define SPINODAL_CZEROMQ_SHIM_H

#include <zmq.h>

#endif
