/*
 * The C side of `bench ring`: driver and device of a virtqueue in one thread, checking nothing.
 *
 * It follows the same protocol with the same barriers as the Java side: a release store publishes a burst, a full fence
 * stands between a side's publication and its look at what the other side wants to hear of, an acquire load finds what
 * was published. Each side's work on a burst is a function of its own that is not inlined, as driver and device are
 * compiled apart in life. Nothing a device says is checked.
 *
 * On standard input it reads
 *   bursts <ring> <batch> <buffers>
 *     and answers with the nanoseconds of processor time that so many buffers took; or
 *   latency <ring> <rate> <samples>
 *     and answers with the 50th, 99th, 99.9th, 99.99th and 99.9999th percentile and the largest, in nanoseconds, of the time
 *     from when a buffer was due, so many a second, until it had come back.
 * The end of the input ends it.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZE = 256, MASK = SIZE - 1, LARGEST_BATCH = SIZE };
enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_AVAIL = 1 << 7, DESC_USED = 1 << 15 };
enum { NO_EVENT = 1 };

#define APART __attribute__((noinline))
#define load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
/* Each side may change what the other looks at: no value is kept over such a look. */
#define read_once(p) (*(const volatile __typeof__(*(p)) *)(p))

static inline void full_fence(void) {
#if defined(__x86_64__)
    /* Cheaper than mfence, and what HotSpot and Linux use. */
    __asm__ volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

struct split_descriptor {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

struct used_element {
    uint32_t id;
    uint32_t len;
};

struct packed_descriptor {
    uint64_t addr;
    uint32_t len;
    uint16_t id;
    uint16_t flags;
};

/* The rings lie apart, each at the begin of a page, as they do for a device. */
static struct split_descriptor table[SIZE] __attribute__((aligned(4096)));
static struct {
    uint16_t flags;
    uint16_t index;
    uint16_t ring[SIZE];
    uint16_t used_event;
} available __attribute__((aligned(4096)));
static struct {
    uint16_t flags;
    uint16_t index;
    struct used_element ring[SIZE];
    uint16_t avail_event;
} used __attribute__((aligned(4096)));
static struct packed_descriptor packed[SIZE] __attribute__((aligned(4096)));
static uint32_t driver_events __attribute__((aligned(4096)));
static uint32_t device_events __attribute__((aligned(4096)));

/* What the driver gives to the ring, and the ids and lengths that it gets. */
static uint64_t addresses[LARGEST_BATCH];
static uint32_t lengths[LARGEST_BATCH];
static uint32_t given[LARGEST_BATCH];
static uint32_t got[LARGEST_BATCH];
static uint32_t got_lengths[LARGEST_BATCH];
static uint64_t device_sum;
static uint64_t notifications;

/* ---- split */

static struct {
    uint16_t free_head;
    uint16_t available_index;
    uint16_t seen_used;
    uint16_t next_free[SIZE];
} sd;

static struct {
    uint16_t seen_available;
    uint16_t used_index;
} sv;

static void split_reset(void) {
    memset(&sd, 0, sizeof sd);
    memset(&sv, 0, sizeof sv);
    memset(&available, 0, sizeof available);
    memset(&used, 0, sizeof used);
    available.flags = NO_EVENT;
    used.flags = NO_EVENT;
    for (int i = 0; i < SIZE; i++) {
        sd.next_free[i] = (uint16_t) ((i + 1) & MASK);
    }
}

static APART void split_add(int count) {
    uint16_t head = sd.free_head;
    uint16_t index = sd.available_index;
    for (int i = 0; i < count; i++) {
        struct split_descriptor *d = &table[head];
        d->addr = addresses[i];
        d->len = lengths[i];
        d->flags = DESC_WRITE;
        d->next = 0;
        given[i] = head;
        available.ring[index++ & MASK] = head;
        head = sd.next_free[head];
    }
    sd.free_head = head;
    sd.available_index = index;
}

static APART int split_publish(void) {
    store_release(&available.index, sd.available_index);
    full_fence();
    return !(read_once(&used.flags) & NO_EVENT);
}

static APART int split_device(int in_order) {
    uint16_t seen = sv.seen_available;
    uint16_t now = load_acquire(&available.index);
    uint16_t index = sv.used_index;
    int count = (uint16_t) (now - seen);
    uint64_t sum = 0;
    struct used_element last = {0, 0};
    for (int i = 0; i < count; i++) {
        uint16_t head = available.ring[(uint16_t) (seen + i) & MASK];
        const struct split_descriptor *d = &table[head];
        sum += d->addr;
        last = (struct used_element) {head, d->flags & DESC_WRITE ? d->len : 0};
        if (!in_order) {
            used.ring[(uint16_t) (index + i) & MASK] = last;
        }
    }
    if (in_order && count > 0) {
        used.ring[index & MASK] = last;
    }
    device_sum += sum;
    sv.seen_available = now;
    sv.used_index = index + count;
    store_release(&used.index, sv.used_index);
    full_fence();
    notifications += !(read_once(&available.flags) & NO_EVENT);
    return count;
}

static APART int split_poll(int most) {
    uint16_t seen = sd.seen_used;
    uint16_t now = load_acquire(&used.index);
    uint16_t head = sd.free_head;
    int count = (uint16_t) (now - seen);
    count = count < most ? count : most;
    for (int i = 0; i < count; i++) {
        struct used_element e = used.ring[(uint16_t) (seen + i) & MASK];
        got[i] = e.id;
        got_lengths[i] = e.len;
        sd.next_free[e.id] = head;
        head = (uint16_t) e.id;
    }
    sd.free_head = head;
    sd.seen_used = seen + count;
    return count;
}

/* Chains come back in the order of the ring, so that the list of free descriptors stays a round. */
static APART int split_poll_in_order(int most) {
    uint16_t seen = sd.seen_used;
    uint16_t now = load_acquire(&used.index);
    int count = (uint16_t) (now - seen);
    if (count == 0) {
        return 0;
    }
    struct used_element e = used.ring[seen & MASK];
    count = count < most ? count : most;
    for (int i = 0; i < count; i++) {
        uint16_t head = (uint16_t) (seen + i) & MASK;
        got[i] = head;
        got_lengths[i] = e.len;
    }
    sd.seen_used = seen + count;
    return count;
}

/* ---- packed */

static struct {
    uint16_t next;
    uint16_t look;
    uint16_t free_count;
    uint16_t free_ids[SIZE];
    uint16_t next_flags;
    int look_wrap;
    uint16_t burst_at;
    uint16_t burst_flags;
    int burst;
} pd;

static struct {
    uint16_t look;
    int wrap;
} pv;

static void packed_reset(void) {
    memset(&pd, 0, sizeof pd);
    memset(&pv, 0, sizeof pv);
    memset(packed, 0, sizeof packed);
    pd.next_flags = DESC_AVAIL;
    pd.look_wrap = 1;
    pv.wrap = 1;
    pd.free_count = SIZE;
    for (int i = 0; i < SIZE; i++) {
        pd.free_ids[i] = (uint16_t) (SIZE - 1 - i);
    }
    driver_events = NO_EVENT << 16;
    device_events = NO_EVENT << 16;
}

static APART void packed_add(int count, int in_order) {
    uint16_t next = pd.next;
    uint16_t flags = pd.next_flags;
    uint16_t free_count = pd.free_count;
    for (int i = 0; i < count; i++) {
        uint16_t id = in_order ? next : pd.free_ids[free_count - 1];
        free_count--;
        struct packed_descriptor *d = &packed[next];
        d->addr = addresses[i];
        d->len = lengths[i];
        d->id = id;
        given[i] = id;
        if (pd.burst == 0 && i == 0) {
            pd.burst_at = next;
            pd.burst_flags = flags | DESC_WRITE;
        } else {
            d->flags = flags | DESC_WRITE;
        }
        if (++next == SIZE) {
            next = 0;
            flags ^= DESC_AVAIL | DESC_USED;
        }
    }
    pd.burst += count;
    pd.next = next;
    pd.next_flags = flags;
    pd.free_count = free_count;
}

static APART int packed_publish(void) {
    store_release(&packed[pd.burst_at].flags, pd.burst_flags);
    pd.burst = 0;
    full_fence();
    return (read_once(&device_events) >> 16 & 3) != NO_EVENT;
}

static inline int is_available(uint16_t flags, int wrap) {
    int avail = !!(flags & DESC_AVAIL);
    return avail != !!(flags & DESC_USED) && avail == wrap;
}

static inline int is_used(uint16_t flags, int wrap) {
    int use = !!(flags & DESC_USED);
    return use == !!(flags & DESC_AVAIL) && use == wrap;
}

/* The device shows a burst of used descriptors at once as well: the flags of the first are written last. */
static APART int packed_device(int most, int in_order) {
    uint16_t look = pv.look;
    int wrap = pv.wrap;
    uint16_t first = look;
    uint16_t first_flags = 0;
    uint64_t sum = 0;
    int count = 0;
    uint16_t last_id = 0;
    uint32_t last_len = 0;
    for (; count < most; count++) {
        struct packed_descriptor *d = &packed[look];
        uint16_t flags = load_acquire(&d->flags);
        if (!is_available(flags, wrap)) {
            break;
        }
        uint16_t back = (uint16_t) ((wrap ? DESC_AVAIL | DESC_USED : 0) | (flags & DESC_WRITE));
        sum += d->addr;
        last_id = d->id;
        last_len = d->len;
        if (count == 0) {
            first_flags = back;
        } else if (!in_order) {
            d->flags = back;
        }
        if (++look == SIZE) {
            look = 0;
            wrap = !wrap;
        }
    }
    if (count == 0) {
        return 0;
    }
    if (in_order) {
        packed[first].id = last_id;
        packed[first].len = last_len;
    }
    device_sum += sum;
    pv.look = look;
    pv.wrap = wrap;
    store_release(&packed[first].flags, first_flags);
    full_fence();
    notifications += (read_once(&driver_events) >> 16 & 3) != NO_EVENT;
    return count;
}

static APART int packed_poll(int most) {
    uint16_t look = pd.look;
    int wrap = pd.look_wrap;
    uint16_t free_count = pd.free_count;
    int count = 0;
    for (; count < most; count++) {
        const struct packed_descriptor *d = &packed[look];
        if (!is_used(load_acquire(&d->flags), wrap)) {
            break;
        }
        uint16_t id = d->id;
        got[count] = id;
        got_lengths[count] = d->len;
        pd.free_ids[free_count++] = id;
        if (++look == SIZE) {
            look = 0;
            wrap = !wrap;
        }
    }
    pd.look = look;
    pd.look_wrap = wrap;
    pd.free_count = free_count;
    return count;
}

static APART int packed_poll_in_order(int most) {
    uint16_t look = pd.look;
    const struct packed_descriptor *d = &packed[look];
    if (!is_used(load_acquire(&d->flags), pd.look_wrap)) {
        return 0;
    }
    uint16_t last = d->id;
    uint32_t len = d->len;
    int count = 0;
    int done = 0;
    while (count < most && !done) {
        done = look == last;
        got[count] = look;
        got_lengths[count] = len;
        count++;
        if (++look == SIZE) {
            look = 0;
            pd.look_wrap = !pd.look_wrap;
        }
    }
    pd.look = look;
    pd.free_count += count;
    return count;
}

/* ---- rounds */

static void split_round(int batch) {
    split_add(batch);
    notifications += split_publish();
    split_device(0);
    split_poll(batch);
}

static void split_in_order_round(int batch) {
    split_add(batch);
    notifications += split_publish();
    split_device(1);
    split_poll_in_order(batch);
}

static void packed_round(int batch) {
    packed_add(batch, 0);
    notifications += packed_publish();
    packed_device(batch, 0);
    packed_poll(batch);
}

static void packed_in_order_round(int batch) {
    packed_add(batch, 1);
    notifications += packed_publish();
    packed_device(batch, 1);
    packed_poll_in_order(batch);
}

static const struct ring {
    const char *name;
    void (*reset)(void);
    void (*round)(int batch);
} rings[] = {
    {"SPLIT", split_reset, split_round},
    {"PACKED", packed_reset, packed_round},
    {"SPLIT_IN_ORDER", split_reset, split_in_order_round},
    {"PACKED_IN_ORDER", packed_reset, packed_in_order_round},
};

static int64_t processor_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "ring-peer: %s\n", what);
    exit(1);
}

/* A ring that loses buffers would be fast. */
static void check_round(const struct ring *ring, int batch) {
    ring->reset();
    memset(got, 0xff, sizeof got);
    uint64_t before = device_sum;
    uint64_t expected = 0;
    for (int i = 0; i < batch; i++) {
        expected += addresses[i];
    }
    ring->round(batch);
    if (device_sum - before != expected) {
        fail("the device did not see every buffer");
    }
    if (memcmp(given, got, sizeof *got * batch) != 0) {
        fail("not every buffer came back");
    }
}

static int64_t now_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void bursts(const struct ring *ring, int batch, long buffers) {
    if (batch < 1 || batch > LARGEST_BATCH) {
        fail("a batch has 1 to 256 buffers");
    }
    check_round(ring, batch);
    long rounds = buffers / batch;
    int64_t start = processor_nanos();
    for (long i = 0; i < rounds; i++) {
        ring->round(batch);
    }
    printf("%lld\n", (long long) (processor_nanos() - start));
}

/* A histogram with a resolution of 1 in 1024: linear up to 2048, and then 1024 places for each power of two. */
enum { PLACES = 1024, POWERS = 40 };
static uint64_t counts[(POWERS + 1) * PLACES];

static int place_of(uint64_t value) {
    int shift = 63 - __builtin_clzll(value | 1) - 10;
    if (shift <= 0) {
        return (int) value;
    }
    int place = shift * PLACES + (int) (value >> shift);
    int last = (POWERS + 1) * PLACES - 1;
    return place < last ? place : last;
}

static uint64_t value_at(int place) {
    if (place < 2 * PLACES) {
        return (uint64_t) place;
    }
    int shift = place / PLACES - 1;
    return (uint64_t) (place - shift * PLACES) << shift;
}

static uint64_t percentile(double percent, uint64_t all) {
    uint64_t wanted = (uint64_t) (percent / 100 * (double) all + 0.5);
    uint64_t seen = 0;
    for (int i = 0; i < (POWERS + 1) * PLACES; i++) {
        seen += counts[i];
        if (seen >= wanted) {
            return value_at(i);
        }
    }
    return value_at((POWERS + 1) * PLACES - 1);
}

/* From when it was due, so that a stall counts for every buffer that it held up. */
static void latency(const struct ring *ring, double rate, long samples) {
    check_round(ring, 1);
    memset(counts, 0, sizeof counts);
    double period = 1e9 / rate;
    int64_t largest = 0;
    int64_t start = now_nanos();
    for (long i = 0; i < samples; i++) {
        int64_t due = start + (int64_t) ((double) i * period);
        while (now_nanos() < due) {
        }
        ring->round(1);
        int64_t took = now_nanos() - due;
        counts[place_of((uint64_t) took)]++;
        largest = took > largest ? took : largest;
    }
    static const double percents[] = {50, 99, 99.9, 99.99, 99.9999};
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        printf("%llu ", (unsigned long long) percentile(percents[i], (uint64_t) samples));
    }
    printf("%lld\n", (long long) largest);
}

int main(void) {
    char verb[16];
    char name[32];
    long first;
    long second;
    for (int i = 0; i < LARGEST_BATCH; i++) {
        addresses[i] = 0x40000000u + 2048u * (unsigned) i;
        lengths[i] = 1500;
    }
    while (scanf("%15s %31s %ld %ld", verb, name, &first, &second) == 4) {
        const struct ring *ring = NULL;
        for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
            ring = strcmp(rings[i].name, name) == 0 ? &rings[i] : ring;
        }
        if (ring == NULL) {
            fail("no such ring");
        }
        if (strcmp(verb, "bursts") == 0) {
            bursts(ring, (int) first, second);
        } else if (strcmp(verb, "latency") == 0) {
            latency(ring, (double) first, second);
        } else {
            fail("write bursts or latency");
        }
        fflush(stdout);
    }
    return 0;
}
