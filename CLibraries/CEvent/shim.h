// First, so that no header of the library changes which declarations of libc other modules share with this one.
#include <features.h>

#include <pthread.h>
#include <sys/eventfd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

// Declared by libc for GNU sources alone.
extern int pthread_setname_np(pthread_t thread, const char *name);
