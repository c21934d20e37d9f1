package dev.postern.lab;

import static dev.postern.lab.PlatformKind.*;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.SeededDisk;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedPurpose;
import dev.postern.virtio.InterruptMode;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A guest that leaves out a step when it shares pages, or takes the wrong bit, is found out: by what its devices then see, by the
 * platform that ends it, or by what the platform notes.
 */
@Timeout(120)
class WrongOrderTest {

    private static final String PACKAGE = "dev.postern.platform.";
    private static final int SEV_LEAF = 0x8000001f;
    private static final long VP_INFO = 1;
    private static final int RCX = 1;
    private static final int LARGE_PAGE = 65536;

    /**
     * One step of one mechanism.
     *
     * @param platform where it is needed
     * @param className what does it
     * @param method the step
     */
    record Step(PlatformKind platform, String className, String method) {
        @Override
        public String toString() {
            return platform + " without " + method;
        }
    }

    static Stream<Step> steps() {
        return Stream.of(
                new Step(SEV_SNP, "SnpPageSharing", "validation"),
                new Step(SEV_SNP, "SnpPageSharing", "changeState"),
                new Step(SEV_SNP, "SnpPageSharing", "mapShared"),
                new Step(SEV_SNP, "SnpPageSharing", "mapPrivate"),
                new Step(TDX, "TdxPageSharing", "mapShared"),
                new Step(TDX, "TdxPageSharing", "mapGpa"),
                new Step(TDX, "TdxPageSharing", "accept"),
                new Step(TDX, "TdxPageSharing", "mapPrivate"),
                new Step(PSERIES_SVM, "UltravisorPageSharing", "share"),
                new Step(PSERIES_SVM, "UltravisorPageSharing", "unshare"));
    }

    @ParameterizedTest
    @EnumSource(
            value = PlatformKind.class,
            names = {"SEV_SNP", "TDX", "PSERIES_SVM"})
    void withEveryStepALifeIsFlawless(PlatformKind platform) throws Exception {
        live(platform, UnaryOperator.identity());
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aStepLeftOutIsNoticed(Step step) {
        Throwable noticed;
        try (Sabotage removed = Sabotage.skip(PACKAGE + step.className(), step.method())) {
            assertNotNull(removed);
            noticed = assertThrows(Throwable.class, () -> live(step.platform(), UnaryOperator.identity()));
        }
        assertFalse(noticed.getMessage().isBlank());
    }

    @Test
    void theWrongEncryptionBitEndsTheGuest() {
        Throwable noticed = assertThrows(
                Throwable.class,
                () -> live(SEV_SNP, machine -> OverlaidMachine.cpu(machine, WrongOrderTest::otherCBit, acts -> acts)));
        assertTrue(noticed.getMessage().contains("c-bit"), noticed.getMessage());
    }

    @Test
    void theWrongSharedBitEndsTheGuest() {
        Throwable noticed = assertThrows(
                Throwable.class,
                () -> live(
                        TDX, machine -> OverlaidMachine.cpu(machine, facts -> facts, WrongOrderTest::narrowerAddress)));
        assertTrue(noticed.getMessage().contains("tdx:"), noticed.getMessage());
    }

    /** Boots, reads the disk, writes it, and shuts down. */
    private static void live(PlatformKind platform, UnaryOperator<OverlaidMachine> overlay) throws Exception {
        Setting setting = new Setting(MachineKind.EMULATED, platform, InterruptMode.MSIX, ContextKind.AUDITED);
        byte[] content =
                Misbehaving.content(new Setting(MachineKind.EMULATED, InterruptMode.POLLED, ContextKind.AUDITED));
        LabMachine.Emulated emulated = new LabMachine.Emulated(EmulatedDevices.on(platform)
                .device(SeededDisk.of(Misbehaving.SECTORS * Misbehaving.SECTOR, Misbehaving.CONTENT)
                        .id("d0"))
                .build());
        OverlaidMachine machine = overlay.apply(OverlaidMachine.registers(emulated.machine(), registers -> registers));
        try (Trial trial = Trial.boot(setting, new LabMachine.Overlaid(emulated, machine))) {
            trial.disk(0).requestDeadline(java.time.Duration.ofSeconds(1));
            assertArrayEquals(content, Misbehaving.read(trial, 0, Misbehaving.SECTORS));
            useWhatWasShared(trial);
        }
    }

    /** A page that was taken back is the guest's own again, and a page that is shared again begins anew. */
    private static void useWhatWasShared(Trial trial) throws Exception {
        PhysRange shared = trial.shared().allocate(LARGE_PAGE, FrameRequest.ANY, SharedPurpose.OTHER);
        trial.bytes(shared).fill((byte) 0x11);
        trial.shared().free(shared);
        PhysRange own = trial.guest().frames().allocate(LARGE_PAGE, FrameRequest.ANY.within(shared));
        trial.canary().plant(trial.bytes(own));
        assertEquals(List.of(), trial.leaks());
        trial.bytes(own).fill((byte) 0);
        trial.giveBack(own);
        trial.shared().free(trial.shared().allocate(LARGE_PAGE, FrameRequest.ANY.within(shared), SharedPurpose.OTHER));
    }

    private static CpuFacts otherCBit(CpuFacts facts) {
        return new CpuFacts() {
            @Override
            public Architecture architecture() {
                return facts.architecture();
            }

            @Override
            public Cpuid cpuid(int leaf, int subleaf) {
                Cpuid said = facts.cpuid(leaf, subleaf);
                return leaf == SEV_LEAF ? new Cpuid(said.eax(), said.ebx() & ~0x3f | 47, said.ecx(), said.edx()) : said;
            }

            @Override
            public OptionalLong register(int number) {
                return facts.register(number);
            }
        };
    }

    private static PrivilegedActs narrowerAddress(PrivilegedActs acts) {
        return new PrivilegedActs() {
            @Override
            public long[] execute(Instruction instruction, long... operands) {
                long[] result = acts.execute(instruction, operands);
                if (instruction == Instruction.TDCALL && operands[0] == VP_INFO) {
                    result[RCX] = result[RCX] & ~0x3f | 48;
                }
                return result;
            }

            @Override
            public void mapPages(long basePa, long length, long addressBits) {
                acts.mapPages(basePa, length, addressBits);
            }
        };
    }
}
