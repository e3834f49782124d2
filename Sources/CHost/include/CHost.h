#ifndef SPINODAL_CHOST_H
#define SPINODAL_CHOST_H
#endif
