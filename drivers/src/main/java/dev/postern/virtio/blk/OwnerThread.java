package dev.postern.virtio.blk;

/**
 * Which thread owns a disk: the first that asks. Meant for {@code assert owner.isCurrent()}, so that nothing of it is left when
 * assertions are off.
 */
final class OwnerThread {

    private final String device;
    /** Written once in practice. A race between two first callers is what the assertion is there to find, not to order. */
    private Thread thread;

    OwnerThread(String device) {
        this.device = device;
    }

    /** True, or an error that names both threads. */
    boolean isCurrent() {
        Thread now = Thread.currentThread();
        if (thread == null) {
            thread = now;
        }
        if (thread != now) {
            throw new AssertionError("%s belongs to thread %s and is used by %s: let one thread make all calls"
                    .formatted(device, thread.getName(), now.getName()));
        }
        return true;
    }
}
