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
 * Finds out on which secure platform the guest runs, by the raw facts that kernels read. A fact that is absent means "no"; a
 * contradiction is refused, since a guess would leak memory.
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
        List<PhysRange> shareable = machine.shareableRam().stream()
                .map(region -> new PhysRange(region.basePa(), region.size()))
                .toList();
        List<Fact<String>> trace = new ArrayList<>();
        try {
            Optional<DeviceTree> tree = machine.deviceTree().map(DeviceTree::read);
            Optional<Fact<PhysRange>> pool =
                    tree.isEmpty() ? Optional.empty() : RestrictedPoolDetection.detect(tree.get(), shareable, trace);
            if (machine.cpuFacts().isEmpty() || machine.privilegedActs().isEmpty()) {
                trace.add(Fact.of("nothing to ask", "the machine has no CPU facts"));
                return new DetectedPlatform("plain", trace, Optional.empty(), pool);
            }
            RawFacts facts = new RawFacts(
                    machine.cpuFacts().get(),
                    machine.privilegedActs().get(),
                    machine.ram(),
                    // What is shared comes out of the pool, where there is one: devices are to reach nothing else.
                    pool.map(fact -> List.of(fact.value())).orElse(shareable),
                    tree,
                    trace);
            Optional<SecurePlatform> secure = switch (facts.cpu().architecture()) {
                case X86_64 -> X86Detection.detect(facts);
                case PPC64 -> PowerDetection.detect(facts);
                case AARCH64 -> ArmDetection.detect(facts);
                case S390X -> ZDetection.detect(facts);
                case RISCV64 -> Optional.empty();
            };
            return new DetectedPlatform(
                    secure.map(SecurePlatform::name).orElse("plain"),
                    facts.trace(),
                    secure.map(SecurePlatform::sharing),
                    pool);
        } catch (DeviceTreeException e) {
            throw new UnknownPlatformException(
                    "the platform cannot be told, for the device tree is malformed: %s; have the machine hand over a sound one"
                            .formatted(e.getMessage()));
        }
    }
}
