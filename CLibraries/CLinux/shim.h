// What the toolchain's Glibc module leaves out.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>

// prctl is variadic, which Swift cannot call.
static inline int set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

// Declared by libc for GNU sources alone.
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
