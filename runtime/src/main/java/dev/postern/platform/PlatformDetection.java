package dev.postern.platform;

import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.machine.Machine;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out on which secure platform the guest runs and which hypervisor is beneath, by the raw facts that kernels read. A fact that is
 * absent means "no"; a contradiction is refused, since a guess would leak memory.
 */
public final class PlatformDetection {

    private PlatformDetection() {}

    /**
     * Detects the platform, and the pool that its device tree restricts DMA to. Called once, before memory is handed out: a page of
     * RAM may be lent to the platform for an answer, and is put back.
     *
     * @throws UnknownPlatformException when the facts name a secure platform that this guest cannot drive, contradict each other, or
     *     cannot be read
     */
    public static DetectedPlatform detect(Machine machine) throws UnknownPlatformException {
        List<Fact<String>> trace = new ArrayList<>();
        try {
            Optional<DeviceTree> tree = machine.deviceTree().map(DeviceTree::read);
            Optional<Fact<String>> board = tree.flatMap(PlatformDetection::board);
            List<PhysRange> shareable = machine.shareableRam().stream()
                    .map(region -> new PhysRange(region.basePa(), region.size()))
                    .toList();
            Optional<Fact<PhysRange>> pool =
                    tree.isEmpty() ? Optional.empty() : RestrictedPoolDetection.detect(tree.get(), shareable, trace);
            HypervisorDetection.Found hypervisor = HypervisorDetection.detect(machine, tree, trace);
            // What is shared comes out of the pool, where there is one: devices are to reach nothing else.
            Optional<SecurePlatform> secure = secure(
                    machine, tree, pool.map(fact -> List.of(fact.value())).orElse(shareable), trace);
            if (secure.isPresent() && hypervisor.xen().value().paravirtualised()) {
                throw new UnknownPlatformException(
                        "a paravirtualised guest of Xen (%s) cannot be %s too: show it only the one that holds"
                                .formatted(
                                        hypervisor.xen().source(), secure.get().name()));
            }
            return new DetectedPlatform(
                    secure.map(SecurePlatform::name).orElse("plain"),
                    trace,
                    secure.map(SecurePlatform::sharing),
                    pool,
                    hypervisor.xen(),
                    hypervisor.name(),
                    machine.cpuFacts().map(cpu -> Fact.of(cpu.architecture(), "the machine's CPU facts")),
                    board);
        } catch (DeviceTreeException e) {
            throw new UnknownPlatformException(
                    "the platform cannot be told, for the device tree is malformed: %s; have the machine hand over a sound one"
                            .formatted(e.getMessage()));
        }
    }

    private static Optional<SecurePlatform> secure(
            Machine machine, Optional<DeviceTree> tree, List<PhysRange> shareable, List<Fact<String>> trace)
            throws UnknownPlatformException {
        if (machine.cpuFacts().isEmpty() || machine.privilegedActs().isEmpty()) {
            trace.add(Fact.of("nothing to ask", "the machine has no CPU facts"));
            return Optional.empty();
        }
        RawFacts facts = new RawFacts(
                machine.cpuFacts().get(), machine.privilegedActs().get(), machine.ram(), shareable, tree, trace);
        return switch (facts.cpu().architecture()) {
            case X86_64 -> X86Detection.detect(facts);
            case PPC64 -> PowerDetection.detect(facts);
            case AARCH64 -> ArmDetection.detect(facts);
            case S390X -> ZDetection.detect(facts);
            case RISCV64 -> Optional.empty();
        };
    }

    private static Optional<Fact<String>> board(DeviceTree tree) {
        return tree.root()
                .property("compatible")
                .map(compatible -> Fact.of(String.join(" ", compatible.strings()), "device tree, compatible of /"));
    }
}
