// What the toolchain's Glibc module leaves out.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>

// prctl is variadic, which Swift cannot call.
static inline int set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

// Declared by libc for GNU sources alone.
// No header of sockets is read here, or their types would be this module's and not Glibc's.
extern int accept4(int listener, void *address, unsigned int *length, int flags);

// The resolver's question for any kind of record; its own header brings those of sockets with it.
extern int res_query(const char *name, int record_class, int type, unsigned char *answer, int length);

// Each limit is two numbers of 64 bits: the present one and the hardest.
extern int prlimit64(int process, int resource, const unsigned long long *limits, unsigned long long *before);
