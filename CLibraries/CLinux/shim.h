// What the toolchain's Glibc module leaves out.
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>

// prctl is variadic, which Swift cannot call.
static inline int set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
