package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeCpu;
import dev.postern.fakes.FakeRam;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.interrupt.MessageVector;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RealmPageSharingTest {

    private static final PhysRange PAGES = new PhysRange(0x10000, 0x4000);
    private static final Function<long[], long[]> ALL_DONE = operands -> new long[] {0, operands[2], 0, 0};

    private final FakeActs acts = new FakeActs().on(Instruction.SECURE_MONITOR_CALL, ALL_DONE);
    private final RealmPageSharing sharing = new RealmPageSharing(acts, 40, List.of(new PhysRange(0, 1 << 20)));

    @Test
    void sharingSetsTheBitInThePageTableAndThenGivesUpThePrivateState() throws SharingFailedException {
        sharing.share(PAGES);
        assertEquals(
                List.of("map 10000 4000 8000000000", "SECURE_MONITOR_CALL c4000197 10000 14000 0 1"), acts.takeLog());
    }

    @Test
    void unsharingAsksForThePrivateStateAndThenClearsTheBit() throws SharingFailedException {
        sharing.unshare(PAGES);
        assertEquals(List.of("SECURE_MONITOR_CALL c4000197 10000 14000 1 1", "map 10000 4000 0"), acts.takeLog());
    }

    @Test
    void devicesUseTheAliasWithTheHighestAddressBit() {
        assertEquals(0x80_0001_2345L, sharing.sharedAlias(0x12345));
    }

    @Test
    void interruptMessagesGoToTheAliasToo() {
        FrameAllocator frames = new FrameAllocator(FakeRam.memory(1 << 20, 1 << 20), List.of());
        RealmPageSharing inRam = new RealmPageSharing(acts, 40, List.of(new PhysRange(1 << 20, 1 << 20)));
        InterruptRouter router = new InterruptRouter(
                new FakeCpu(1000, 0),
                Optional.empty(),
                new SharedMemory(inRam, frames).pages(SharedPurpose.INTERRUPTS));
        MessageVector vector = router.openMessage("first", () -> {});
        assertEquals(1L << 39, vector.address() & 1L << 39);
        assertTrue(frames.memory().contains(vector.address() ^ 1L << 39, 4));
    }

    @Test
    void whatTheRealmManagerLeftUndoneIsAskedForFromThere() throws SharingFailedException {
        acts.on(Instruction.SECURE_MONITOR_CALL, operands -> new long[] {0, operands[1] + 0x1000, 0, 0});
        sharing.unshare(PAGES);
        assertEquals(
                List.of(
                        "SECURE_MONITOR_CALL c4000197 10000 14000 1 1",
                        "SECURE_MONITOR_CALL c4000197 11000 14000 1 1",
                        "SECURE_MONITOR_CALL c4000197 12000 14000 1 1",
                        "SECURE_MONITOR_CALL c4000197 13000 14000 1 1",
                        "map 10000 4000 0"),
                acts.takeLog());
    }

    /** The first page is changed, then comes the given answer. */
    private void afterOnePage(long... answer) {
        acts.on(
                Instruction.SECURE_MONITOR_CALL,
                operands -> operands[1] == 0x10000 ? new long[] {0, 0x11000, 0, 0} : answer);
    }

    @Test
    void aRefusalLeavesWhatLiesBehindAsItWas() {
        for (long[] answer : new long[][] {
            {1, 0, 0, 0}, // an error
            {0, 0x14000, 1, 0}, // the host rejects
            {0, 0x10000, 0, 0}, // goes back
            {0, 0x15000, 0, 0}, // beyond the end
            {0, 0x11800, 0, 0}, // inside a page
            {0, -0x1000, 0, 0}
        }) {
            afterOnePage(answer);
            assertEquals(
                    0x11000,
                    assertThrows(SharingFailedException.class, () -> sharing.share(PAGES))
                            .failedPa());
            assertEquals("map 12000 2000 0", acts.takeLog().getLast());
            assertEquals(
                    0x11000,
                    assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES))
                            .failedPa());
            assertEquals("map 10000 1000 0", acts.takeLog().getLast());
        }
    }

    @Test
    void aRefusalAtTheLastPageOrTheFirstChangesNoPageTableInVain() {
        acts.on(
                Instruction.SECURE_MONITOR_CALL,
                operands -> operands[1] == 0x10000 ? new long[] {0, 0x13000, 0, 0} : new long[] {1, 0, 0, 0});
        assertThrows(SharingFailedException.class, () -> sharing.share(PAGES));
        assertTrue(acts.takeLog().getLast().startsWith("SECURE_MONITOR_CALL"));
        acts.on(Instruction.SECURE_MONITOR_CALL, operands -> new long[] {1, 0, 0, 0});
        assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES));
        assertEquals(1, acts.takeLog().size());
    }

    @Test
    void aRealmManagerThatMakesNoHeadwayIsGivenUp() {
        acts.on(Instruction.SECURE_MONITOR_CALL, operands -> new long[] {0, operands[1], 0, 0});
        assertThrows(SharingFailedException.class, () -> sharing.unshare(PAGES));
        assertEquals(RealmPageSharing.RETRIES_IN_PLACE + 1, acts.takeLog().size());
    }

    @Test
    void aRefusalLosesOnePageOfTheRunAndTheRestIsFreeAgain() throws SharingFailedException {
        FrameAllocator frames = new FrameAllocator(FakeRam.memory(1 << 20, 1 << 20), List.of());
        SharedMemory shared =
                new SharedMemory(new RealmPageSharing(acts, 40, List.of(new PhysRange(1 << 20, 1 << 20))), frames);
        PhysRange run = shared.allocate(0x4000, FrameRequest.ANY, SharedPurpose.OTHER);
        acts.on(
                Instruction.SECURE_MONITOR_CALL,
                operands -> operands[1] == run.basePa()
                        ? new long[] {0, operands[1] + 0x1000, 0, 0}
                        : operands[1] == run.basePa() + 0x1000
                                ? new long[] {1, 0, 0, 0}
                                : new long[] {0, operands[2], 0, 0});
        shared.free(run);
        assertEquals(0x1000, shared.lostBytes());
        assertEquals(0, shared.sharedBytes());
    }
}
