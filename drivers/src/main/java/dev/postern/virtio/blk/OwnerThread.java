package dev.postern.virtio.blk;

/**
 * Which thread owns a disk: the one that opened it, as with the device below. Meant for {@code assert owner.isCurrent()}, so that
 * nothing of it is left when assertions are off.
 */
final class OwnerThread {

    private final String device;
    private final Thread thread = Thread.currentThread();

    OwnerThread(String device) {
        this.device = device;
    }

    /** True, or an error that names both threads. */
    boolean isCurrent() {
        Thread now = Thread.currentThread();
        if (thread != now) {
            throw new AssertionError("%s belongs to thread %s and is used by %s: let one thread make all calls"
                    .formatted(device, thread.getName(), now.getName()));
        }
        return true;
    }
}
