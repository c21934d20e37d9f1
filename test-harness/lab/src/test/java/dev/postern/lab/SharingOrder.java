package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.PoolSize;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedPurpose;
import dev.postern.virtio.InterruptMode;
import java.util.ArrayList;
import java.util.List;

/**
 * The privileged acts by which one granule is shared and taken back, in the order that Linux has them in (arch/x86/coco/sev/core.c,
 * arch/x86/coco/tdx/tdx.c, arch/x86/hyperv/ivm.c, arch/arm64/mm/pageattr.c and the like). In another order a page is for a moment
 * mapped otherwise than it is, and an access at that moment faults or goes astray.
 *
 * @param share in order
 * @param unshare in order
 */
record SharingOrder(List<String> share, List<String> unshare) {

    /** The order on a platform as it is emulated, whose bits these are. */
    private static SharingOrder of(PlatformKind platform) {
        return switch (platform) {
            case SEV -> new SharingOrder(List.of("map 0"), List.of("map 800000000000"));
            case SEV_ES -> new SharingOrder(List.of("map 0"), List.of("map 8000000000000"));
            case SEV_SNP ->
                new SharingOrder(
                        List.of("PVALIDATE", "VMGEXIT", "map 0"), List.of("map 8000000000000", "VMGEXIT", "PVALIDATE"));
            case HYPERV_VTOM ->
                new SharingOrder(List.of("map 400000000000", "HYPERV_CALL"), List.of("HYPERV_CALL", "map 0"));
            case TDX -> new SharingOrder(List.of("map 8000000000000", "TDCALL"), List.of("TDCALL", "TDCALL", "map 0"));
            case CCA ->
                new SharingOrder(
                        List.of("map 8000000000", "SECURE_MONITOR_CALL"), List.of("SECURE_MONITOR_CALL", "map 0"));
            case PKVM -> new SharingOrder(List.of("HYPERVISOR_CALL"), List.of("HYPERVISOR_CALL"));
            case PSERIES_SVM -> new SharingOrder(List.of("ULTRAVISOR_CALL"), List.of("ULTRAVISOR_CALL"));
            case S390_PV -> new SharingOrder(List.of("UVC"), List.of("UVC"));
            case PLAIN, ARM, ARM_POOL, ARM_RANGES, ARM_NONCOHERENT, XEN_HVM, XEN_PV, XEN_DOM0, XEN_ARM ->
                new SharingOrder(List.of(), List.of());
        };
    }

    /** Asserts that a guest shares a granule and takes it back in the order of its platform. */
    static void assertRight(PlatformKind platform) throws Exception {
        Setting setting = new Setting(MachineKind.EMULATED, platform, InterruptMode.POLLED, ContextKind.AUDITED);
        LabMachine.Emulated emulated = new LabMachine.Emulated(
                EmulatedDevices.on(platform).ramBytes(SecureLife.RAM_BYTES).build());
        List<String> steps = new ArrayList<>();
        OverlaidMachine machine =
                OverlaidMachine.cpu(emulated.machine(), facts -> facts, acts -> new Noted(acts, steps));
        try (Trial trial = Trial.boot(
                setting,
                options -> options.withPool(PoolSize.fixed(PoolOptions.SMALLEST_BYTES)),
                new LabMachine.Overlaid(emulated, machine))) {
            steps.clear();
            PhysRange granule = trial.shared().allocate(1, FrameRequest.ANY, SharedPurpose.OTHER);
            List<String> share = List.copyOf(steps);
            steps.clear();
            trial.shared().free(granule);
            assertEquals(of(platform), new SharingOrder(share, List.copyOf(steps)), "steps of " + platform);
        }
    }

    /**
     * Acts that are noted before they are done.
     *
     * @param acts what does them
     * @param steps where they are noted
     */
    private record Noted(PrivilegedActs acts, List<String> steps) implements PrivilegedActs {
        @Override
        public long[] execute(Instruction instruction, long... operands) {
            steps.add(instruction.name());
            return acts.execute(instruction, operands);
        }

        @Override
        public void mapPages(long basePa, long length, long addressBits) {
            steps.add("map %x".formatted(addressBits));
            acts.mapPages(basePa, length, addressBits);
        }
    }
}
