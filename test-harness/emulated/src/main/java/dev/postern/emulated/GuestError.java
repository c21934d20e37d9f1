package dev.postern.emulated;

/**
 * Something the guest did that its specification forbids, as a device or its platform saw it.
 *
 * @param nanos simulated time
 * @param device the name of the device, or {@code platform} for what surrounds the guest
 * @param clause the virtio clause by id, such as {@code split-ring:223}; where the virtio specification has none, a word
 *     that starts with {@code pci:} (a rule of the bus), {@code qemu:} (a rule that QEMU enforces), or that of a
 *     platform, such as {@code x86:}, {@code arm:}, {@code xen:}, {@code sev-snp:}, {@code tdx:} or {@code pef:} (a rule of the CPU, of
 *     its buses or of what guards its memory)
 * @param what one line for a person
 */
public record GuestError(long nanos, String device, String clause, String what) {

    @Override
    public String toString() {
        return device + ": " + what + " [" + clause + "] at " + nanos + " ns";
    }
}
