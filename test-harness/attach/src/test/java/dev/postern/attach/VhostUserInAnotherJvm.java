package dev.postern.attach;

/** A program for {@link VhostUserDeathTest}: starts a secure machine, says its daemon's process id or why there is none,
 * and waits to be killed. */
final class VhostUserInAnotherJvm {

    private VhostUserInAnotherJvm() {}

    public static void main(String[] arguments) {
        try (VhostUserMachine machine = VhostUserMachine.builder()
                .platform(SecurePlatform.SEV_SNP)
                .disk(StorageDisk.nothing(1 << 20))
                .build()) {
            System.out.println(machine.daemons().getFirst().pid());
            if (arguments.length > 0) {
                System.exit(0);
            }
            long end = machine.cpu().nanoTime() + 600_000_000_000L;
            while (machine.cpu().nanoTime() < end) {
                machine.cpu().halt(end);
            }
        } catch (MachineConfigurationException e) {
            System.out.println(e.getMessage());
        }
    }
}
