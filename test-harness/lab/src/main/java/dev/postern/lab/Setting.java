package dev.postern.lab;

import dev.postern.virtio.InterruptMode;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where and how a test runs.
 *
 * @param machine on which machine
 * @param platform what surrounds the guest
 * @param interrupts how drivers learn of used buffers
 * @param contexts which DMA contexts devices get
 */
public record Setting(MachineKind machine, PlatformKind platform, InterruptMode interrupts, ContextKind contexts) {

    /** One on a plain platform. */
    public Setting(MachineKind machine, InterruptMode interrupts, ContextKind contexts) {
        this(machine, PlatformKind.PLAIN, interrupts, contexts);
    }

    /** Every combination on a plain platform where devices reach the buffers themselves, or what a hostile context puts for them. */
    public static Stream<Setting> all() {
        return Arrays.stream(MachineKind.values())
                .flatMap(machine -> machine.interrupts().stream()
                        .flatMap(interrupts -> Stream.of(ContextKind.AUDITED, ContextKind.HOSTILE)
                                .map(contexts -> new Setting(machine, interrupts, contexts))));
    }

    /** Each machine twice: polled and direct, and by messages through a pool. For what is about the device and not about its queue. */
    public static Stream<Setting> ofEachMachine() {
        return Arrays.stream(MachineKind.values())
                .flatMap(machine -> Stream.of(
                        new Setting(machine, InterruptMode.POLLED, ContextKind.AUDITED),
                        new Setting(machine, InterruptMode.MSIX, ContextKind.BOUNCED)));
    }

    /** {@link #all()} where devices have registers on a PCI bus. */
    public static Stream<Setting> withPci() {
        return all().filter(setting -> setting.machine().discovery() == MachineKind.Discovery.BY_PCI);
    }

    /** Every combination with audited contexts on a plain platform. */
    public static Stream<Setting> audited() {
        return all().filter(setting -> setting.contexts() == ContextKind.AUDITED);
    }

    /** Every combination on the emulated machine and a plain platform. */
    public static Stream<Setting> emulated() {
        return all().filter(setting -> setting.machine() == MachineKind.EMULATED);
    }

    /**
     * {@link #emulated()}, and of {@link #bouncedEmulated()} what differs to a driver, as far as it is polled: messages make no
     * difference to what is copied.
     */
    public static Stream<Setting> emulatedEverywhere() {
        return Stream.concat(
                emulated(),
                bouncedEmulated()
                        .filter(Setting::differsToADriver)
                        .filter(setting -> setting.interrupts() == InterruptMode.POLLED));
    }

    /** Every platform, machine that can be it, and way of interrupting that secure guests have, with a pool between driver and device. */
    public static Stream<Setting> bounced() {
        return Arrays.stream(PlatformKind.values())
                .filter(platform -> platform == PlatformKind.PLAIN || platform.secure())
                .flatMap(platform -> Arrays.stream(MachineKind.values())
                        .filter(machine -> machine.platforms().contains(platform))
                        .flatMap(machine -> Stream.of(InterruptMode.POLLED, InterruptMode.MSIX)
                                .map(interrupts -> new Setting(machine, platform, interrupts, bouncing(platform)))));
    }

    /** The same on the emulated machine alone, for devices and hosts that misbehave; where nothing differs to a driver, polled. */
    public static Stream<Setting> bouncedEmulated() {
        return bounced()
                .filter(setting -> setting.machine() == MachineKind.EMULATED)
                .filter(setting -> setting.differsToADriver() || setting.interrupts() == InterruptMode.POLLED);
    }

    /** The secure platforms on every machine, with messages for interrupts: then there is most to share. */
    public static Stream<Setting> secure() {
        return bounced().filter(setting -> setting.platform().secure() && setting.interrupts() == InterruptMode.MSIX);
    }

    /** The same on the emulated machine alone. */
    public static Stream<Setting> secureEmulated() {
        return secure().filter(setting -> setting.machine() == MachineKind.EMULATED);
    }

    /** {@link #all()}, and of {@link #bounced()} what differs to a driver. */
    public static Stream<Setting> everywhere() {
        return Stream.concat(all(), bounced().filter(Setting::differsToADriver));
    }

    /**
     * A driver that bounces cannot tell platforms apart but by what a device sees of a page that is not shared, by the size of pages,
     * and by addresses that are not the guest's own. These have one of each; how pages are shared is for tests of all platforms.
     */
    private boolean differsToADriver() {
        return switch (platform) {
            case PLAIN, SEV_SNP, TDX, CCA, PSERIES_SVM -> true;
            case SEV,
                    SEV_ES,
                    HYPERV_VTOM,
                    PKVM,
                    S390_PV,
                    ARM,
                    ARM_POOL,
                    ARM_RANGES,
                    ARM_NONCOHERENT,
                    XEN_HVM,
                    XEN_PV,
                    XEN_DOM0,
                    XEN_ARM -> false;
        };
    }

    /** The same with other contexts. */
    public Setting with(ContextKind other) {
        return new Setting(machine, platform, interrupts, other);
    }

    /** Whether devices get copies in a pool. */
    public boolean bounces() {
        return contexts == ContextKind.BOUNCED || platform.secure();
    }

    private static ContextKind bouncing(PlatformKind platform) {
        return platform == PlatformKind.PLAIN ? ContextKind.BOUNCED : ContextKind.AUDITED;
    }

    @Override
    public String toString() {
        return "%s, %s, %s, %s"
                .formatted(machine, platform, interrupts, contexts)
                .toLowerCase(Locale.ROOT);
    }
}
