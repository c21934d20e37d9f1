package dev.postern.lab;

import static dev.postern.lab.Harm.without;
import static dev.postern.lab.PlatformKind.*;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.PhysRange;
import dev.postern.platform.PageSharing;
import dev.postern.platform.SharingFailedException;
import java.util.List;
import java.util.stream.Stream;
import net.bytebuddy.asm.Advice;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A guest that leaves out a step when it shares pages, or takes them in another order, is found out: by what its devices then see, by
 * the platform that ends it or notes it, or by what stays within reach of devices.
 */
@Timeout(120)
class WrongOrderTest {

    private static final String SHARED_MEMORY = "dev.postern.platform.SharedMemory";

    static Stream<Harm> stepsLeftOut() {
        return Stream.of(
                without(SEV, "share", "mapPages"),
                without(SEV, "unshare", "mapPages"),
                without(SEV_ES, "share", "mapPages"),
                without(SEV_ES, "unshare", "mapPages"),
                without(SEV_SNP, "share", "validation"),
                without(SEV_SNP, "share", "changeState"),
                without(SEV_SNP, "share", "mapShared"),
                without(SEV_SNP, "unshare", "mapPrivate"),
                without(SEV_SNP, "unshare", "changeState"),
                without(SEV_SNP, "unshare", "validation"),
                without(HYPERV_VTOM, "share", "mapPages"),
                without(HYPERV_VTOM, "share", "setVisibility"),
                without(HYPERV_VTOM, "unshare", "setVisibility"),
                without(HYPERV_VTOM, "unshare", "mapPages"),
                without(TDX, "share", "mapShared"),
                without(TDX, "share", "mapGpa"),
                without(TDX, "unshare", "mapGpa"),
                without(TDX, "unshare", "accept"),
                without(TDX, "unshare", "mapPrivate"),
                without(CCA, "share", "mapPages"),
                without(CCA, "share", "setState"),
                without(CCA, "unshare", "setState"),
                without(CCA, "unshare", "mapPages"),
                without(PKVM, "share", "change"),
                without(PKVM, "unshare", "change"),
                without(PSERIES_SVM, "share", "change"),
                without(PSERIES_SVM, "unshare", "change"),
                without(S390_PV, "share", "change"),
                without(S390_PV, "unshare", "change"));
    }

    static Stream<Harm> wholesale() {
        return SECURE.stream()
                .flatMap(platform -> Stream.of(
                        Harm.of(platform, "nothing is shared", () -> Sabotage.skip(Harm.sharingOf(platform), "share")),
                        Harm.of(
                                platform,
                                "nothing is taken back",
                                () -> Sabotage.skip(Harm.sharingOf(platform), "unshare")),
                        new Harm(
                                platform,
                                "shared after use",
                                List.of(
                                        () -> Sabotage.dropCall(SHARED_MEMORY, "allocate", "share"),
                                        () -> Sabotage.weave(SHARED_MEMORY, "free", ShareOnFree.class)))));
    }

    /** Under pKVM a page is shared as it is, so that zeros which are stored before are shared with it. */
    static Stream<Harm> zeroedTooEarly() {
        return SECURE.stream()
                .filter(platform -> platform != PKVM)
                .map(platform -> new Harm(
                        platform,
                        "zeroed before it is shared",
                        List.of(
                                () -> Sabotage.dropCall(SHARED_MEMORY, "allocate", "share"),
                                () -> Sabotage.weave(SHARED_MEMORY, "allocate", ShareLast.class))));
    }

    /** Only an access between two steps would show these by itself, and a guest makes none. */
    static Stream<Harm> swapped() {
        return Stream.of(
                swapped(SEV_SNP, "share", "mapShared", MapPlainFirst.class),
                swapped(SEV_SNP, "unshare", "mapPrivate", MapCBitLast.class),
                swapped(HYPERV_VTOM, "share", "mapPages", MapBoundaryLast.class),
                swapped(HYPERV_VTOM, "unshare", "mapPages", MapPlainFirst.class),
                swapped(TDX, "share", "mapShared", MapSharedBitLast.class),
                swapped(TDX, "unshare", "mapPrivate", MapPlainFirst.class),
                swapped(CCA, "share", "mapPages", MapSharedBitLast.class),
                swapped(CCA, "unshare", "mapPages", MapPlainFirst.class));
    }

    private static Harm swapped(PlatformKind platform, String method, String step, Class<?> advice) {
        String sharing = Harm.sharingOf(platform);
        return new Harm(
                platform,
                "%s with %s at the other end".formatted(method, step),
                List.of(() -> Sabotage.dropCall(sharing, method, step), () -> Sabotage.weave(sharing, method, advice)));
    }

    @ParameterizedTest
    @FieldSource("dev.postern.lab.PlatformKind#SECURE")
    void withEveryStepALifeIsFlawless(PlatformKind platform) throws Exception {
        SecureLife.live(platform);
    }

    @ParameterizedTest
    @MethodSource({"stepsLeftOut", "wholesale"})
    void aStepLeftOutIsNoticed(Harm harm) {
        Harm.assertTelling(harm.noticedBy(() -> SecureLife.live(harm.platform())));
    }

    @ParameterizedTest
    @MethodSource("zeroedTooEarly")
    void sharedMemoryThatDoesNotBeginAsZerosIsNoticed(Harm harm) {
        Throwable noticed = harm.noticedBy(() -> SecureLife.live(harm.platform()));
        assertTrue(noticed.getMessage().contains("shared memory begins as zeros"), noticed.getMessage());
    }

    @ParameterizedTest
    @FieldSource("dev.postern.lab.PlatformKind#SECURE")
    void theStepsAreThoseOfThePlatformInItsOrder(PlatformKind platform) throws Exception {
        SharingOrder.assertRight(platform);
    }

    @ParameterizedTest
    @MethodSource("swapped")
    void anotherOrderIsNoticed(Harm harm) {
        Throwable noticed = harm.noticedBy(() -> SharingOrder.assertRight(harm.platform()));
        assertTrue(noticed.getMessage().contains("steps of " + harm.platform()), noticed.getMessage());
    }

    /** Advice: the frames are shared as the last thing, when they have been filled. */
    static final class ShareLast {
        private ShareLast() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("sharing") PageSharing sharing, @Advice.Return PhysRange run)
                throws SharingFailedException {
            sharing.share(run);
        }
    }

    /** Advice: the frames are shared when nobody needs them any more, so that the books balance. */
    static final class ShareOnFree {
        private ShareOnFree() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.FieldValue("sharing") PageSharing sharing, @Advice.Argument(0) PhysRange run)
                throws SharingFailedException {
            sharing.share(run);
        }
    }

    /** Advice: the page table changes first, to an address without any bit. */
    static final class MapPlainFirst {
        private MapPlainFirst() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.FieldValue("acts") PrivilegedActs acts, @Advice.Argument(0) PhysRange pages) {
            acts.mapPages(pages.basePa(), pages.length(), 0);
        }
    }

    /** Advice: the page table changes last, to the C-bit. */
    static final class MapCBitLast {
        private MapCBitLast() {}

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("acts") PrivilegedActs acts,
                @Advice.FieldValue("cBit") long bit,
                @Advice.Argument(0) PhysRange pages) {
            acts.mapPages(pages.basePa(), pages.length(), bit);
        }
    }

    /** Advice: the page table changes last, to the shared bit. */
    static final class MapSharedBitLast {
        private MapSharedBitLast() {}

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("acts") PrivilegedActs acts,
                @Advice.FieldValue("sharedBit") long bit,
                @Advice.Argument(0) PhysRange pages) {
            acts.mapPages(pages.basePa(), pages.length(), bit);
        }
    }

    /** Advice: the page table changes last, to the boundary's bit. */
    static final class MapBoundaryLast {
        private MapBoundaryLast() {}

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("acts") PrivilegedActs acts,
                @Advice.FieldValue("boundary") long bit,
                @Advice.Argument(0) PhysRange pages) {
            acts.mapPages(pages.basePa(), pages.length(), bit);
        }
    }
}
