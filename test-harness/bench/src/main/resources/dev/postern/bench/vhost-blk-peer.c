/*
 * The peer of the Java side of `bench vhost-blk`: a front-end for a vhost-user disk, in C and in one file. It takes the same features
 * (VERSION_1, INDIRECT_DESC, EVENT_IDX), sends the same requests to the same random sectors, keeps as many in flight and counts the
 * same things, but trusts the back-end: no id, length or order is checked, no request has a deadline, and nothing is recovered.
 *
 * Started as `vhost-blk-peer SOCKET polled|blocking BLOCKS`, with the disk's size in blocks of 4096 bytes, a power of two. It first says
 * the size of the pages that its memory lies in, then answers each line `read|write DEPTH MILLIS` with a line of numbers: requests,
 * and in nanoseconds the time, the processor time of its thread, what its thread waited for a processor, and the percentiles 50 and
 * 99.99 of a request; then the bytes that were allocated meanwhile, of which there are none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    SIZE = 256, /* entries of the queue, as the driver asks for */
    MASK = SIZE - 1,
    MOST_DEPTH = 64,
    BLOCK = 4096,
    SECTORS_PER_BLOCK = BLOCK / 512
};
#define MEMORY (UINT64_C(64) << 20)
#define GUEST_ADDRESS UINT64_C(0x100000000)

/* docs/interop/vhost-user.rst: requests, flags of the header, and features of the protocol */
enum {
    GET_FEATURES = 1,
    SET_FEATURES = 2,
    SET_OWNER = 3,
    SET_MEM_TABLE = 5,
    SET_VRING_NUM = 8,
    SET_VRING_ADDR = 9,
    SET_VRING_BASE = 10,
    SET_VRING_KICK = 12,
    SET_VRING_CALL = 13,
    GET_PROTOCOL_FEATURES = 15,
    SET_PROTOCOL_FEATURES = 16,
    SET_VRING_ENABLE = 18,
    VERSION = 1
};
#define VERSION_1 (UINT64_C(1) << 32)
#define PROTOCOL_FEATURES (UINT64_C(1) << 30)
#define EVENT_IDX (UINT64_C(1) << 29)
#define INDIRECT (UINT64_C(1) << 28)
#define CONFIG (UINT64_C(1) << 9)

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4 };
enum { BLK_READ = 0, BLK_WRITE = 1, STATUS_OK = 0, NO_STATUS = 0xff };

#define load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define read_once(p) (*(const volatile __typeof__(*(p)) *)(p))

static inline void full_fence(void) {
#if defined(__x86_64__)
    /* Cheaper than mfence, and what HotSpot and Linux use. */
    __asm__ volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

struct descriptor {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

/* What both sides see. Slots of requests stand apart by a cache line, as the driver's do. */
static struct shared {
    struct descriptor table[SIZE] __attribute__((aligned(4096)));
    struct {
        uint16_t flags;
        uint16_t index;
        uint16_t ring[SIZE];
        uint16_t used_event;
    } available __attribute__((aligned(4096)));
    struct {
        uint16_t flags;
        uint16_t index;
        struct {
            uint32_t id;
            uint32_t len;
        } ring[SIZE];
        uint16_t avail_event;
    } used __attribute__((aligned(4096)));
    struct {
        struct descriptor chain[4];
    } indirect[MOST_DEPTH] __attribute__((aligned(4096)));
    struct {
        uint32_t type;
        uint32_t reserved;
        uint64_t sector;
        uint8_t pad[48];
    } header[MOST_DEPTH] __attribute__((aligned(4096)));
    struct {
        uint8_t value;
        uint8_t pad[63];
    } status[MOST_DEPTH] __attribute__((aligned(4096)));
    uint8_t data[MOST_DEPTH][BLOCK] __attribute__((aligned(4096)));
} *shared;

/* One connection, one queue. A request's slot is its descriptor. */
static int stream;
static int kick;
static int call;
static int waiting;
static int polled;
static uint64_t blocks;
static uint16_t made_available;
static uint16_t seen_used;
static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);
static int64_t sent_at[MOST_DEPTH];

static void fail(const char *what) {
    fprintf(stderr, "vhost-blk-peer: %s (%s)\n", what, strerror(errno));
    exit(1);
}

/* ---- the stream */

static void send_message(uint32_t request, const void *payload, uint32_t bytes, int descriptor) {
    uint32_t header[3] = {request, VERSION, bytes};
    struct iovec parts[2] = {{header, sizeof header}, {(void *) payload, bytes}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = bytes > 0 ? 2 : 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *passed = CMSG_FIRSTHDR(&message);
        passed->cmsg_level = SOL_SOCKET;
        passed->cmsg_type = SCM_RIGHTS;
        passed->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(passed), &descriptor, sizeof descriptor);
    }
    if (sendmsg(stream, &message, MSG_NOSIGNAL) != (ssize_t) (sizeof header + bytes)) {
        fail("the back-end does not listen");
    }
}

static uint64_t ask(uint32_t request) {
    struct {
        uint32_t header[3];
        uint64_t value;
    } __attribute__((packed)) answer;
    send_message(request, NULL, 0, -1);
    if (recv(stream, &answer, sizeof answer, MSG_WAITALL) != sizeof answer || answer.header[0] != request) {
        fail("the back-end does not answer");
    }
    return answer.value;
}

static void tell(uint32_t request, uint64_t value, int descriptor) {
    send_message(request, &value, sizeof value, descriptor);
}

/* Of the only queue. */
static void tell_of_queue(uint32_t request, uint32_t value) {
    uint32_t payload[2] = {0, value};
    send_message(request, payload, sizeof payload, -1);
}

static uint64_t address_of(const void *place) {
    return GUEST_ADDRESS + (uint64_t) ((const char *) place - (const char *) shared);
}

static long map_memory(int *descriptor) {
    long page = 2 << 20;
    *descriptor = memfd_create("vhost-blk-peer", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
    if (*descriptor >= 0 && ftruncate(*descriptor, MEMORY) == 0) {
        shared = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, *descriptor, 0);
        if (shared != MAP_FAILED) {
            return page;
        }
    }
    page = sysconf(_SC_PAGESIZE);
    *descriptor = memfd_create("vhost-blk-peer", MFD_CLOEXEC);
    if (*descriptor < 0 || ftruncate(*descriptor, MEMORY) != 0) {
        fail("no memory to share");
    }
    shared = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, *descriptor, 0);
    if (shared == MAP_FAILED) {
        fail("no memory to share");
    }
    return page;
}

static void attach(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fail("the name of the socket is too long");
    }
    strcpy(address.sun_path, path);
    stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(stream, (struct sockaddr *) &address, sizeof address) != 0) {
        fail("nobody listens at the socket");
    }
    uint64_t wanted = VERSION_1 | PROTOCOL_FEATURES | EVENT_IDX | INDIRECT;
    if ((ask(GET_FEATURES) & wanted) != wanted) {
        fail("the back-end does not offer VERSION_1, EVENT_IDX, INDIRECT_DESC and features of the protocol");
    }
    /* The storage daemon insists on CONFIG. */
    tell(SET_PROTOCOL_FEATURES, ask(GET_PROTOCOL_FEATURES) & CONFIG, -1);
    send_message(SET_OWNER, NULL, 0, -1);
    tell(SET_FEATURES, wanted, -1);
    int descriptor;
    printf("%ld\n", map_memory(&descriptor));
    fflush(stdout);
    struct {
        uint32_t regions;
        uint32_t pad;
        uint64_t guest;
        uint64_t bytes;
        uint64_t user;
        uint64_t offset;
    } memory = {1, 0, GUEST_ADDRESS, MEMORY, (uint64_t) shared, 0};
    send_message(SET_MEM_TABLE, &memory, sizeof memory, descriptor);
    close(descriptor);
    tell_of_queue(SET_VRING_NUM, SIZE);
    tell_of_queue(SET_VRING_BASE, 0);
    struct {
        uint32_t queue;
        uint32_t flags;
        uint64_t descriptors;
        uint64_t used;
        uint64_t available;
        uint64_t log;
    } places = {0, 0, (uint64_t) shared->table, (uint64_t) &shared->used, (uint64_t) &shared->available, 0};
    send_message(SET_VRING_ADDR, &places, sizeof places, -1);
    kick = eventfd(0, EFD_CLOEXEC);
    call = eventfd(0, EFD_CLOEXEC);
    /* Edge-triggered, so that a signal need not be read: one call of the system each time. A read could not wait anyhow, because the
     * storage daemon makes the descriptor non-blocking, which it then is on our side too. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    waiting = epoll_create1(EPOLL_CLOEXEC);
    if (waiting < 0 || epoll_ctl(waiting, EPOLL_CTL_ADD, call, &event) != 0) {
        fail("nothing can be waited for");
    }
    tell(SET_VRING_CALL, 0, call);
    tell(SET_VRING_KICK, 0, kick);
    tell_of_queue(SET_VRING_ENABLE, 1);
}

/* ---- requests */

/* What does not change from request to request. */
static void prepare(void) {
    for (int slot = 0; slot < MOST_DEPTH; slot++) {
        struct descriptor *chain = shared->indirect[slot].chain;
        chain[0] = (struct descriptor) {address_of(&shared->header[slot]), 16, DESC_NEXT, 1};
        chain[1].next = 2;
        chain[2] = (struct descriptor) {address_of(&shared->status[slot]), 1, DESC_WRITE, 0};
        shared->table[slot] =
            (struct descriptor) {address_of(chain), 3 * sizeof(struct descriptor), DESC_INDIRECT, 0};
    }
    /* Of a polled queue no signal is wanted: an index that was just passed is not met again for 2^16 - 1 requests. */
    shared->available.used_event = polled ? 0xffff : 0;
}

static inline uint64_t random_sector(void) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33 & (blocks - 1)) * SECTORS_PER_BLOCK;
}

static inline void add(int slot, uint32_t type, int64_t now) {
    struct descriptor *data = &shared->indirect[slot].chain[1];
    data->addr = address_of(shared->data[slot]);
    data->len = BLOCK;
    data->flags = DESC_NEXT | (type == BLK_READ ? DESC_WRITE : 0);
    shared->header[slot].type = type;
    shared->header[slot].sector = random_sector();
    shared->status[slot].value = NO_STATUS;
    shared->available.ring[made_available++ & MASK] = (uint16_t) slot;
    sent_at[slot] = now;
}

static inline void publish(uint16_t before) {
    store_release(&shared->available.index, made_available);
    full_fence();
    uint16_t event = read_once(&shared->used.avail_event);
    if ((uint16_t) (made_available - event - 1) < (uint16_t) (made_available - before)) {
        uint64_t one = 1;
        if (write(kick, &one, sizeof one) != sizeof one) {
            fail("the back-end cannot be notified");
        }
    }
}

/* Waits for used requests; returns the index up to which they are used. */
static inline uint16_t await(void) {
    uint16_t now;
    if (polled) {
        while ((now = load_acquire(&shared->used.index)) == seen_used) {
            relax();
        }
        return now;
    }
    while ((now = load_acquire(&shared->used.index)) == seen_used) {
        shared->available.used_event = seen_used;
        full_fence();
        if ((now = load_acquire(&shared->used.index)) != seen_used) {
            return now;
        }
        struct epoll_event event;
        if (epoll_wait(waiting, &event, 1, -1) < 0 && errno != EINTR) {
            fail("the signal of the back-end cannot be waited for");
        }
    }
    return now;
}

/* ---- what is counted */

static int64_t clock_nanos(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* proc(5): the second number is the time that the thread could run and had no processor. */
static int64_t waited_for_processor(void) {
    long long ran;
    long long waited = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "r");
    if (file != NULL) {
        if (fscanf(file, "%lld %lld", &ran, &waited) != 2) {
            waited = 0;
        }
        fclose(file);
    }
    return waited;
}

/* A histogram with a resolution of 1 in 1024: linear up to 2048, and then 1024 places for each power of two. */
enum { PLACES = 1024, POWERS = 30 };
static uint64_t counts[(POWERS + 1) * PLACES];

static inline void count(uint64_t value) {
    int shift = 63 - __builtin_clzll(value | 1) - 10;
    int place = shift <= 0 ? (int) value : shift * PLACES + (int) (value >> shift);
    int last = (POWERS + 1) * PLACES - 1;
    counts[place < last ? place : last]++;
}

static uint64_t percentile(double percent, uint64_t all) {
    uint64_t wanted = (uint64_t) (percent / 100 * (double) all + 0.5);
    uint64_t seen = 0;
    int place = 0;
    while ((seen += counts[place]) < wanted) {
        place++;
    }
    int shift = place < 2 * PLACES ? 0 : place / PLACES - 1;
    return (uint64_t) (place - shift * PLACES) << shift;
}

/* A closed loop: each answer is followed by the next request, until the time is over; then the rest is waited for. */
static void run(uint32_t type, int depth, long millis) {
    memset(counts, 0, sizeof counts);
    uint64_t requests = 0;
    int64_t waited = waited_for_processor();
    int64_t processor = clock_nanos(CLOCK_THREAD_CPUTIME_ID);
    int64_t start = clock_nanos(CLOCK_MONOTONIC);
    int64_t end = start + millis * 1000000;
    uint16_t before = made_available;
    for (int slot = 0; slot < depth; slot++) {
        add(slot, type, start);
    }
    publish(before);
    int in_flight = depth;
    while (in_flight > 0) {
        uint16_t used = await();
        int64_t now = clock_nanos(CLOCK_MONOTONIC);
        before = made_available;
        for (; seen_used != used; seen_used++) {
            int slot = (int) shared->used.ring[seen_used & MASK].id;
            if (shared->status[slot].value != STATUS_OK) {
                fail("a request failed");
            }
            count((uint64_t) (now - sent_at[slot]));
            requests++;
            if (now < end) {
                add(slot, type, now);
            } else {
                in_flight--;
            }
        }
        if (made_available != before) {
            publish(before);
        }
    }
    int64_t took = clock_nanos(CLOCK_MONOTONIC) - start;
    processor = clock_nanos(CLOCK_THREAD_CPUTIME_ID) - processor;
    waited = waited_for_processor() - waited;
    printf("%llu %lld %lld %lld %llu %llu 0\n",
        (unsigned long long) requests,
        (long long) took,
        (long long) processor,
        (long long) waited,
        (unsigned long long) percentile(50, requests),
        (unsigned long long) percentile(99.99, requests));
    fflush(stdout);
}

int main(int words, char **word) {
    if (words != 4) {
        fail("call it as vhost-blk-peer SOCKET polled|blocking BLOCKS");
    }
    polled = strcmp(word[2], "polled") == 0;
    blocks = strtoull(word[3], NULL, 10);
    attach(word[1]);
    prepare();
    char verb[8];
    int depth;
    long millis;
    while (scanf("%7s %d %ld", verb, &depth, &millis) == 3) {
        if (depth < 1 || depth > MOST_DEPTH) {
            fail("1 to 64 requests can be in flight");
        }
        run(strcmp(verb, "write") == 0 ? BLK_WRITE : BLK_READ, depth, millis);
    }
    return 0;
}
