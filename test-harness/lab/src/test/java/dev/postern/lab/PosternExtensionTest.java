package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.debug.DmaLedger;
import dev.postern.lab.junit.DeviceName;
import dev.postern.lab.junit.PosternExtension;
import dev.postern.lab.junit.PosternTest;
import dev.postern.machine.Machine;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedPurpose;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Explanation;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.Strictness;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.rng.RngDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PosternExtensionTest {

    private static final int SECTOR = 512;

    @PosternTest(
            platform = "cca",
            devices = {"blk,size=64K,seed=7", "rng", "blk,size=32K,ro=on"},
            machine = "emulated",
            interrupts = InterruptMode.POLLED)
    void everyPartIsOfTheGuestThatTheAnnotationDescribes(
            Trial trial,
            Machine machine,
            LabMachine lab,
            BootedGuest guest,
            @DeviceName("blk0") BlkDevice first,
            @DeviceName("blk1") BlkDevice second,
            RngDevice rng,
            @DeviceName("rng0") DeviceReport report,
            @DeviceName("rng0") Decision decision,
            @DeviceName("rng0") Explanation explanation,
            DmaLedger ledger,
            @DeviceName("nic0") DmaContext context)
            throws Exception {
        assertSame(trial.machine(), lab);
        assertSame(lab.machine(), machine);
        assertSame(trial.guest(), guest);
        assertSame(trial.ledger(), ledger);
        assertEquals("cca", guest.platform().name());
        assertEquals(MachineKind.EMULATED, lab.kind());
        assertEquals(List.of("blk0", "blk1"), List.of(first.name(), second.name()));
        assertEquals(128, first.sectors());
        assertTrue(second.readOnly());
        assertTrue(guest.interrupts().messages().isEmpty(), "polled");
        byte[] bytes = new byte[32];
        rng.fill(bytes);
        assertNotEquals(0, Arrays.hashCode(bytes));
        assertEquals(report.explanation().getFirst(), explanation.lines().getFirst());
        assertSame(report.decision().orElseThrow(), decision);
        assertSame(explanation, decision.explanation());
        assertInstanceOf(Outcome.Proceed.class, decision.outcome());
        assertTrue(context.toString().contains("nic0"), context.toString());
        PhysRange buffer = trial.buffer(SECTOR);
        long token = context.map(buffer.basePa(), SECTOR, DmaDirection.TO_DEVICE);
        assertTrue(context.deviceAddress(token) >= 1L << 39, "a realm's devices use the upper half");
        assertEquals(
                1,
                ledger.live().stream()
                        .filter(entry -> entry.device().contains("nic0"))
                        .count());
        context.unmap(token, SECTOR, DmaDirection.TO_DEVICE, 0);
        trial.giveBack(buffer);
    }

    @Nested
    @PosternTest(platform = "tdx", devices = "rng")
    class AClassSaysItForItsTests {

        private BootedGuest before;

        @BeforeEach
        void guestIsUp(BootedGuest guest) {
            before = guest;
        }

        @AfterEach
        void guestIsStillUp(RngDevice rng) throws Exception {
            rng.fill(new byte[1]);
        }

        @Test
        void aTest(BootedGuest guest) {
            assertSame(before, guest);
            assertEquals("tdx", guest.platform().name());
        }

        @RepeatedTest(2)
        void aRepeatedTest(Trial trial) {
            assertSame(before, trial.guest());
        }

        @ParameterizedTest
        @ValueSource(ints = 3)
        void aParameterizedTest(int three, BootedGuest guest) {
            assertEquals(3, three);
            assertSame(before, guest);
        }

        @PosternTest(devices = "rng")
        void whatAMethodSaysCounts(BootedGuest guest) {
            assertEquals("plain", guest.platform().name());
        }

        @Nested
        class Inside {
            @Test
            void aTestInside(BootedGuest guest) {
                assertEquals("tdx", guest.platform().name());
            }
        }
    }

    /** Run from within tests alone. */
    static class Condemned {

        @PosternTest(platform = "plain", devices = "rng")
        void leaksOnPlain(Trial trial, DmaContext context) {
            context.map(trial.buffer(SECTOR).basePa(), SECTOR, DmaDirection.TO_DEVICE);
        }

        @PosternTest(platform = "sev-snp")
        void leaksInASlot(Trial trial, DmaContext context) {
            context.map(trial.buffer(SECTOR).basePa(), SECTOR, DmaDirection.TO_DEVICE);
        }

        @PosternTest(platform = "cca")
        void leaksARing(DmaContext context) {
            context.allocateCoherent(SECTOR, 64);
        }

        @PosternTest
        void unmapsTwice(Trial trial, DmaContext context) {
            PhysRange buffer = trial.buffer(SECTOR);
            long token = context.map(buffer.basePa(), SECTOR, DmaDirection.TO_DEVICE);
            context.unmap(token, SECTOR, DmaDirection.TO_DEVICE, 0);
            context.unmap(token, SECTOR, DmaDirection.TO_DEVICE, 0);
            trial.giveBack(buffer);
        }

        @PosternTest(platform = "pkvm")
        void unmapsTheWrongWay(Trial trial, DmaContext context) {
            PhysRange buffer = trial.buffer(SECTOR);
            long token = context.map(buffer.basePa(), SECTOR, DmaDirection.TO_DEVICE);
            context.unmap(token, SECTOR, DmaDirection.FROM_DEVICE, 0);
            context.unmap(token, SECTOR, DmaDirection.TO_DEVICE, 0);
            trial.giveBack(buffer);
        }

        @PosternTest(platform = "s390-pv")
        void keepsABuffer(Trial trial) {
            trial.buffer(SECTOR);
        }

        @PosternTest(devices = "rng")
        void breaksARule(Trial trial) {
            RawVirtio device = RawVirtio.of(trial).getFirst();
            device.registers().write16(device.common() + 18, 1);
        }

        @PosternTest(platform = "sev")
        void keepsAPageShared(Trial trial) throws Exception {
            trial.shared().allocate(1, FrameRequest.ANY, SharedPurpose.OTHER);
        }

        @PosternTest(platform = "hyperv-vtom")
        void showsDevicesPrivateBytes(Trial trial) throws Exception {
            PhysRange shared = trial.shared().allocate(1, FrameRequest.ANY, SharedPurpose.POOL);
            trial.canary().plant(trial.bytes(shared));
        }

        @PosternTest
        void failsByItselfAndLeaks(Trial trial, DmaContext context) {
            context.map(trial.buffer(SECTOR).basePa(), SECTOR, DmaDirection.TO_DEVICE);
            fail("by itself");
        }

        @PosternTest
        void givesUp(Trial trial) {
            trial.buffer(SECTOR);
            abort("no reason");
        }

        @PosternTest
        void abandonsItsGuest(Trial trial) {
            trial.buffer(SECTOR);
            trial.abandon();
        }

        @PosternTest(platform = "sev-spn")
        void namesAPlatformWrongly() {}

        @PosternTest(machine = "emulate")
        void namesAMachineWrongly() {}

        @PosternTest(machine = "qemu-q35", platform = "cca")
        void namesAPlatformOfAnotherMachine() {}

        @PosternTest(devices = "bkl,size=4M")
        void namesADeviceWrongly() {}

        @PosternTest(devices = "rng,bus=nowhere")
        void namesABusThatIsNotThere() {}

        @PosternTest(machine = "qemu-q35", devices = "blk,size=4M")
        void wantsAMemoryDiskOfQemu() {}

        @PosternTest(devices = "blk,file=/no/such/image")
        void namesAnImageThatIsNotThere() {}

        @PosternTest(devices = "rng")
        void hasNoDisk(BlkDevice disk) {}

        @PosternTest(devices = {"blk,size=4M", "blk,size=4M"})
        void doesNotSayWhichDisk(BlkDevice disk) {}

        @PosternTest(devices = {"blk,size=4M", "rng"})
        void doesNotSayWhichDevice(Explanation why) {}

        @PosternTest(devices = {"blk,size=4M", "blk,size=4M"})
        void namesADiskWrongly(@DeviceName("blk2") BlkDevice disk) {}

        @PosternTest(platform = "sev-snp", devices = "blk,size=4M", strictness = Strictness.REFUSE)
        void wantsADiskThatIsRefused(BlkDevice disk) {}

        @PosternTest
        void wantsWhatThereIsNot(StringBuilder text) {}

        @Test
        @ExtendWith(PosternExtension.class)
        void hasNoAnnotation() {}
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "leaksOnPlain | context closed with a live mapping",
                "leaksInASlot | the DMA ledger is not clean",
                "leaksARing | context closed with an open coherent buffer",
                "unmapsTwice | the DMA ledger is not clean",
                "unmapsTheWrongWay | the DMA ledger is not clean",
                "keepsABuffer | 4096 bytes of memory were not given back",
                "breaksARule | the guest broke rules",
                "keepsAPageShared | is shared and is neither ring nor pool nor mailbox",
                "showsDevicesPrivateBytes | what devices reach",
                "failsByItselfAndLeaks | by itself",
                "namesAPlatformWrongly | no platform of emulated 'sev-spn': did you mean 'sev-snp'?",
                "namesAMachineWrongly | no machine 'emulate': did you mean 'emulated'?",
                "namesAPlatformOfAnotherMachine | no platform of qemu-q35 'cca': choose from plain, sev-snp, tdx,"
                        + " pseries-svm",
                "namesADeviceWrongly | no device kind 'bkl': did you mean 'blk'?",
                "namesABusThatIsNotThere | nowhere",
                "namesAnImageThatIsNotThere | /no/such/image",
                "hasNoDisk | this guest has no blk device: add one to devices, such as \"blk,size=4M\"",
                "doesNotSayWhichDisk | which of [blk0, blk1]: say @DeviceName(\"blk0\")",
                "doesNotSayWhichDevice | which of [blk0, rng0]: say @DeviceName(\"blk0\")",
                "namesADiskWrongly | no blk device of this guest 'blk2': did you mean 'blk0'?",
                "wantsADiskThatIsRefused | blk0 is not live, but REFUSED:",
                "wantsWhatThereIsNot | No ParameterResolver registered for parameter",
                "hasNoAnnotation | no @PosternTest on hasNoAnnotation or its class",
            })
    void eachOfTheseTurnsATestRedAndSaysWhy(String test, String why) {
        InnerRun run = InnerRun.of(Condemned.class, test);
        assertEquals(0, run.succeeded(), "it stayed green");
        assertEquals(1, run.failures().size(), run.failures().toString());
        assertTrue(run.failures().getFirst().contains(why), run.failures().getFirst());
    }

    @ParameterizedTest
    @CsvSource({"leaksOnPlain,1", "leaksInASlot,1", "failsByItselfAndLeaks,1"})
    void otherFindingsAreNotLost(String test, int atLeast) {
        Throwable first = InnerRun.of(Condemned.class, test).exceptions().getFirst();
        assertTrue(first.getSuppressed().length >= atLeast, Arrays.toString(first.getSuppressed()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"namesAPlatformWrongly", "namesADeviceWrongly", "namesAnImageThatIsNotThere"})
    void aGuestThatDoesNotComeUpIsAllThatIsReported(String test) {
        Throwable first = InnerRun.of(Condemned.class, test).exceptions().getFirst();
        assertEquals(List.of(), List.of(first.getSuppressed()));
    }

    @Test
    void theStackOfALeakedMapLeadsToTheTest() {
        String message = InnerRun.of(Condemned.class, "leaksOnPlain").failures().getFirst();
        assertTrue(message.contains("Condemned.leaksOnPlain"), message);
    }

    @Test
    void privateBytesAreFoundBehindThePageThatShowsThem() {
        Throwable first = InnerRun.of(Condemned.class, "showsDevicesPrivateBytes")
                .exceptions()
                .getFirst();
        String all = first + Arrays.toString(first.getSuppressed());
        assertTrue(all.contains("private bytes within reach of devices"), all);
    }

    @Test
    void aTestThatGivesUpIsNotJudged() {
        InnerRun run = InnerRun.of(Condemned.class, "givesUp");
        assertEquals(List.of(), run.failures());
        assertEquals(1, run.aborted());
    }

    @Test
    void anAbandonedGuestIsNotJudged() {
        InnerRun run = InnerRun.of(Condemned.class, "abandonsItsGuest");
        assertEquals(List.of(), run.failures());
        assertEquals(1, run.succeeded());
    }

    @Test
    void aMemoryDiskIsOfferedByTheEmulatedMachineAlone() {
        Peers.require(MachineKind.QEMU_Q35);
        InnerRun run = InnerRun.of(Condemned.class, "wantsAMemoryDiskOfQemu");
        assertTrue(
                run.failures().getFirst().contains("QEMU has no disks in memory"),
                run.failures().toString());
    }

    @PosternTest(platform = "sev-snp", devices = "blk,size=4M", strictness = Strictness.REFUSE)
    void aRefusedDeviceStillHasItsExplanation(DeviceReport report, Decision decision) {
        assertEquals(DeviceReport.Result.REFUSED, report.outcome());
        Outcome.Refuse refused = assertInstanceOf(Outcome.Refuse.class, decision.outcome());
        assertEquals(report.why(), refused.reason());
    }
}
