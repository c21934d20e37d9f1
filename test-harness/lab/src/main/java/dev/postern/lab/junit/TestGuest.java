package dev.postern.lab.junit;

import dev.postern.boot.BootException;
import dev.postern.lab.ContextKind;
import dev.postern.lab.LabDevice;
import dev.postern.lab.MachineKind;
import dev.postern.lab.PlatformKind;
import dev.postern.lab.Setting;
import dev.postern.lab.Trial;
import dev.postern.lab.spec.Choice;
import dev.postern.lab.spec.DeviceSpecs;
import dev.postern.quirks.decision.Strictness;
import dev.postern.virtio.InterruptMode;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/**
 * The guest that an annotation describes.
 *
 * @param setting where and how it runs
 * @param strictness whether it serves devices with reservations
 * @param devices what it finds
 */
record TestGuest(Setting setting, Strictness strictness, List<LabDevice> devices) {

    private static final Choice<MachineKind> MACHINES =
            new Choice<>("machine", List.of(MachineKind.values()), MachineKind::label);

    /** Copies the list. */
    TestGuest {
        devices = List.copyOf(devices);
    }

    /**
     * Reads an annotation.
     *
     * @throws ExtensionConfigurationException when a word in it is wrong
     */
    static TestGuest of(PosternTest words) {
        try {
            MachineKind machine = MACHINES.named(words.machine());
            PlatformKind platform = new Choice<>(
                            "platform of " + machine, List.copyOf(machine.platforms()), PlatformKind::label)
                    .named(words.platform());
            InterruptMode interrupts = new Choice<>(
                            "interrupt mode of " + machine,
                            List.copyOf(machine.interrupts()),
                            mode -> mode.name().toLowerCase(Locale.ROOT))
                    .named(words.interrupts().name().toLowerCase(Locale.ROOT));
            List<LabDevice> devices = DeviceSpecs.parse(List.of(words.devices()));
            devices.stream().flatMap(device -> machine.lacking(device).stream()).findFirst().ifPresent(lacking -> {
                throw new IllegalArgumentException(lacking);
            });
            return new TestGuest(
                    new Setting(machine, platform, interrupts, ContextKind.AUDITED), words.strictness(), devices);
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    /**
     * Boots it. The caller ends the trial.
     *
     * @throws BootException when no guest comes up
     * @throws ExtensionConfigurationException when the machine cannot be made as described
     */
    Trial boot() throws BootException {
        try {
            return Trial.boot(
                    setting, options -> options.withStrictness(strictness), devices.toArray(LabDevice[]::new));
        } catch (dev.postern.emulated.MachineConfigurationException
                | dev.postern.attach.MachineConfigurationException
                | IllegalArgumentException e) {
            throw wrong(e);
        }
    }

    private static ExtensionConfigurationException wrong(RuntimeException e) {
        return new ExtensionConfigurationException("@PosternTest: " + e.getMessage(), e);
    }
}
