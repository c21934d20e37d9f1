package dev.postern.attach;

/** A program for {@link QemuDeathTest}: starts a machine, says QEMU's process id, and waits to be killed. */
final class MachineInAnotherJvm {

    private MachineInAnotherJvm() {}

    public static void main(String[] arguments) {
        try (QemuQ35 machine = QemuQ35.builder().build()) {
            System.out.println(machine.pid());
            long end = machine.cpu().nanoTime() + 600_000_000_000L;
            while (machine.cpu().nanoTime() < end) {
                machine.cpu().halt(end);
            }
        }
    }
}
