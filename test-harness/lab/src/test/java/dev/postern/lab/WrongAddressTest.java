package dev.postern.lab;

import static dev.postern.lab.PlatformKind.*;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.PrivilegedActs;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.bytebuddy.asm.Advice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A guest that takes the wrong bit for the one that tells private from shared, or gives devices the wrong address of a shared page, is
 * found out.
 */
@Timeout(120)
class WrongAddressTest {

    private static final int SEV_LEAF = 0x8000001f;
    private static final long VP_INFO = 1;
    private static final int RCX = 1;
    private static final int SMALL_PAGE = 4096;
    private static final int LARGE_PAGE = 65536;

    /** What tells private from shared on each emulated platform; where there is no such bit, one that a device could be given. */
    private static final Map<PlatformKind, Integer> BITS = Map.of(
            SEV,
            47,
            SEV_ES,
            51,
            SEV_SNP,
            51,
            HYPERV_VTOM,
            46,
            TDX,
            51,
            CCA,
            39,
            PKVM,
            39,
            PSERIES_SVM,
            46,
            S390_PV,
            46);

    /** Where a bit in the guest's page table tells private from shared. */
    static Stream<Harm> wrongBits() {
        return Stream.of(SEV, SEV_ES, SEV_SNP, HYPERV_VTOM, TDX, CCA)
                .flatMap(platform -> IntStream.of(-1, 1)
                        .mapToObj(by -> Harm.of(
                                platform,
                                "bit %d in place of %d".formatted(BITS.get(platform) + by, BITS.get(platform)),
                                () -> Sabotage.misnumber(Harm.sharingOf(platform), by))));
    }

    static Stream<Harm> wrongAliases() {
        return Stream.concat(
                SECURE.stream()
                        .flatMap(platform -> Stream.of(
                                flipped(
                                        platform,
                                        platform == CCA ? "no alias" : "an alias where there is none",
                                        1L << BITS.get(platform)),
                                flipped(
                                        platform,
                                        "the page beside it",
                                        platform == PSERIES_SVM ? LARGE_PAGE : SMALL_PAGE))),
                Stream.of(flipped(CCA, "an alias by bit 38", 3L << 38), flipped(CCA, "an alias by bit 40", 3L << 39)));
    }

    private static Harm flipped(PlatformKind platform, String what, long bits) {
        return Harm.of(platform, what, () -> Sabotage.flip(Harm.sharingOf(platform), "sharedAlias", bits));
    }

    @ParameterizedTest
    @MethodSource("wrongBits")
    void theWrongBitEndsTheGuest(Harm harm) {
        Throwable noticed = harm.noticedBy(() -> SecureLife.live(harm.platform()));
        assertTrue(noticed.getMessage().contains("page tables with address bits 0x"), noticed.getMessage());
        Harm.assertTelling(noticed);
    }

    @ParameterizedTest
    @MethodSource("wrongAliases")
    void theWrongAddressOfASharedPageIsNoticed(Harm harm) {
        Harm.assertTelling(harm.noticedBy(() -> SecureLife.live(harm.platform())));
    }

    @Test
    void aGranuleThatIsTooLargeLeavesPagesPrivate() {
        Harm harm = Harm.of(
                PKVM,
                "granules of twice their size",
                () -> Sabotage.weave(Harm.sharingOf(PKVM), Sabotage.CONSTRUCTOR, DoubleGranule.class));
        Harm.assertTelling(harm.noticedBy(() -> SecureLife.live(PKVM)));
    }

    @Test
    void theWrongEncryptionBitOfACpuEndsTheGuest() {
        Throwable noticed = assertThrows(
                Throwable.class,
                () -> SecureLife.live(
                        SEV_SNP, machine -> OverlaidMachine.cpu(machine, WrongAddressTest::otherCBit, acts -> acts)));
        assertTrue(noticed.getMessage().contains("c-bit"), noticed.getMessage());
    }

    @Test
    void theWrongSharedBitOfACpuEndsTheGuest() {
        Throwable noticed = assertThrows(
                Throwable.class,
                () -> SecureLife.live(
                        TDX,
                        machine -> OverlaidMachine.cpu(machine, facts -> facts, WrongAddressTest::narrowerAddress)));
        assertTrue(noticed.getMessage().contains("tdx:"), noticed.getMessage());
    }

    /** Advice: the hypervisor's granule is taken for twice its size. */
    static final class DoubleGranule {
        private DoubleGranule() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 1, readOnly = false) long granule) {
            granule *= 2;
        }
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
