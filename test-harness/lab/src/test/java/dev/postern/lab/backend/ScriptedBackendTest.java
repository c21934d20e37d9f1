package dev.postern.lab.backend;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.Seed;
import dev.postern.os.OpenDescriptors;
import dev.postern.os.StreamException;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The back-end serves as it should, and finds what a front-end does wrong. */
@Timeout(60)
class ScriptedBackendTest {

    private static final int SECTORS = 64;
    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int FLUSH = 4;
    private static final int GET_ID = 8;
    private static final byte[] NOTHING = {};

    @TempDir
    Path folder;

    private final byte[] content = new byte[SECTORS * DiskMemory.SECTOR];

    ScriptedBackendTest() {
        new Random(Seed.value()).nextBytes(content);
    }

    private ScriptedBackend open(DiskMemory disk, Offer offer, Script script) throws IOException {
        return ScriptedBackend.listen(folder.resolve("socket"), disk, offer, script, Seed.value());
    }

    private static byte[] sector(byte[] of, int sector) {
        return Arrays.copyOfRange(of, sector * DiskMemory.SECTOR, (sector + 1) * DiskMemory.SECTOR);
    }

    static Stream<Offer> offers() {
        Offer split = Offer.of(SECTORS, 2);
        Offer packed = split.with(DeviceFeature.RING_PACKED);
        return Stream.of(split, packed)
                .flatMap(offer -> Stream.of(offer, offer.without(DeviceFeature.EVENT_IDX)))
                .flatMap(offer -> Stream.of(offer, offer.without(DeviceFeature.INDIRECT_DESC)));
    }

    @ParameterizedTest
    @MethodSource("offers")
    void aDiskIsReadAndWrittenOverEveryKindOfRing(Offer offer) throws Exception {
        DiskMemory disk = new DiskMemory(content);
        try (ScriptedBackend backend = open(disk, offer, Script.honest());
                PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
            front.bringUp();
            // Often enough for the ring to go round several times.
            for (int i = 0; i < 60; i++) {
                assertEquals(0, front.request(IN, i, NOTHING, DiskMemory.SECTOR));
                assertArrayEquals(sector(content, i), front.data(DiskMemory.SECTOR), "sector " + i);
            }
            byte[] fresh = new byte[1024];
            Arrays.fill(fresh, (byte) 0x5a);
            assertEquals(0, front.request(OUT, 3, fresh, 0));
            assertEquals(0, front.request(FLUSH, 0, NOTHING, 0));
            assertEquals(0, front.request(GET_ID, 0, NOTHING, 20));
            assertEquals(
                    BlockServer.ID,
                    new String(front.data(20), StandardCharsets.US_ASCII)
                            .strip()
                            .replace("\0", ""));
            assertArrayEquals(sector(fresh, 1), sector(disk.content(), 4));
            assertEquals(1, front.request(IN, SECTORS, NOTHING, DiskMemory.SECTOR));
            assertEquals(2, front.request(99, 0, NOTHING, 4));
            assertEquals(List.of(), backend.panics());
            assertEquals(1, backend.violations().size(), "the read beyond the end: " + backend.violations());
        }
    }

    @Test
    void configurationFeaturesAndNumbersAreTold() throws Exception {
        try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 3), Script.honest());
                PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
            front.bringUp();
            assertEquals(3, front.ask(MessageKind.GET_QUEUE_NUM));
            assertEquals(32, front.ask(MessageKind.GET_MAX_MEM_SLOTS));
            ByteBuffer config = front.ask(
                    MessageKind.GET_CONFIG,
                    PokedFrontEnd.payload(72).putInt(0, 0).putInt(4, 60).array());
            assertEquals(SECTORS, config.getLong(12));
            assertEquals(3, config.getShort(12 + 34));
            front.send(MessageKind.SET_STATUS, PokedFrontEnd.number(1));
            assertEquals(1, front.ask(MessageKind.GET_STATUS));
            assertEquals(0, front.request(IN, 5, NOTHING, DiskMemory.SECTOR));
            ByteBuffer base = front.ask(MessageKind.GET_VRING_BASE, PokedFrontEnd.pair(0, 0));
            assertEquals(1, base.getInt(4));
            assertEquals(List.of(), backend.violations());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataDeed.class,
            names = {"HANG_UP_BEFORE", "HANG_UP_APPLIED", "HANG_UP_USED"})
    void aHangUpAtARequestEndsTheStreamAndTheNextConnectionIsServed(DataDeed deed) throws Exception {
        DiskMemory disk = new DiskMemory(content);
        try (ScriptedBackend backend =
                open(disk, Offer.of(SECTORS, 1), Script.honest().atRequest(0, 2, deed))) {
            try (PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
                front.bringUp();
                byte[] ones = new byte[DiskMemory.SECTOR];
                Arrays.fill(ones, (byte) 1);
                assertEquals(0, front.request(OUT, 1, ones, 0));
                front.submit(OUT, 2, ones, 0, PokedFrontEnd.dataGuest());
                assertThrows(StreamException.class, front::answer);
                assertEquals(deed == DataDeed.HANG_UP_USED ? 2 : 1, front.usedIndex());
                assertEquals(deed != DataDeed.HANG_UP_BEFORE, Arrays.equals(ones, sector(disk.content(), 2)));
            }
            try (PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
                front.bringUp();
                assertEquals(0, front.request(IN, 1, NOTHING, DiskMemory.SECTOR));
            }
            assertEquals(List.of(), backend.violations());
            assertEquals(2, backend.connections());
        }
    }

    /** A wrong front-end, and what the back-end says of it. */
    @FunctionalInterface
    interface Wrong {
        void send(PokedFrontEnd front) throws IOException;
    }

    private static Arguments wrong(String complaint, Wrong wrong) {
        return Arguments.of(complaint, wrong);
    }

    static Stream<Arguments> wrongs() {
        byte[] none = {};
        return Stream.of(
                wrong("no message of that number", front -> front.send(99, 1, none)),
                wrong("version 2", front -> front.send(MessageKind.SET_OWNER.id(), 2, none)),
                wrong("flags 0x5", front -> front.send(MessageKind.SET_OWNER.id(), 5, none)),
                wrong("REPLY_ACK was not negotiated", front -> front.send(MessageKind.SET_OWNER.id(), 9, none)),
                wrong("4 bytes of payload", front -> front.send(MessageKind.SET_OWNER, new byte[4])),
                wrong("1 descriptors", front -> front.send(MessageKind.SET_OWNER, none, front.kick.descriptor())),
                wrong("needs CONFIG", front -> front.send(MessageKind.GET_CONFIG, new byte[72])),
                wrong("second time", front -> {
                    front.send(MessageKind.SET_OWNER, none);
                    front.send(MessageKind.SET_OWNER, none);
                }),
                wrong(
                        "SET_MEM_TABLE comes before SET_OWNER",
                        front -> front.send(MessageKind.SET_MEM_TABLE, front.table(), front.memory.descriptor())),
                wrong(
                        "SET_FEATURES comes before GET_FEATURES",
                        front -> front.send(MessageKind.SET_FEATURES, PokedFrontEnd.number(1L << 32))),
                wrong("0 descriptors", front -> {
                    front.send(MessageKind.SET_OWNER, none);
                    front.send(MessageKind.SET_MEM_TABLE, front.table());
                }),
                wrong("comes before any memory", front -> {
                    front.send(MessageKind.SET_OWNER, none);
                    front.send(MessageKind.SET_VRING_NUM, PokedFrontEnd.pair(0, 16));
                    front.send(MessageKind.SET_VRING_ADDR, front.addresses());
                }),
                wrong("ring 2 of 2", front -> {
                    front.send(MessageKind.SET_OWNER, none);
                    front.send(MessageKind.SET_VRING_NUM, PokedFrontEnd.pair(2, 16));
                }),
                wrong("a split ring of 24", front -> {
                    front.send(MessageKind.SET_OWNER, none);
                    front.send(MessageKind.SET_VRING_NUM, PokedFrontEnd.pair(0, 24));
                }),
                wrong("SET_VRING_ENABLE comes before SET_FEATURES", front -> {
                    front.send(MessageKind.SET_OWNER, none);
                    front.send(MessageKind.SET_VRING_ENABLE, PokedFrontEnd.pair(0, 1));
                }),
                wrong("accepts 0x", front -> {
                    front.ask(MessageKind.GET_FEATURES);
                    front.send(MessageKind.SET_FEATURES, PokedFrontEnd.number(-1));
                }),
                wrong("kicked without a SET_VRING_BASE", front -> {
                    front.bringUp();
                    front.ask(MessageKind.GET_VRING_BASE, PokedFrontEnd.pair(0, 0));
                    front.send(MessageKind.SET_VRING_KICK, PokedFrontEnd.number(0), front.kick.descriptor());
                    front.kick.ring();
                }),
                wrong("ring 0 begins at 3", front -> {
                    front.bringUp();
                    front.send(MessageKind.SET_VRING_BASE, PokedFrontEnd.pair(0, 3));
                    front.kick.ring();
                }),
                wrong("overlaps", front -> {
                    front.bringUp();
                    byte[] region = PokedFrontEnd.payload(40)
                            .putLong(0)
                            .put(front.region())
                            .array();
                    front.send(MessageKind.ADD_MEM_REG, region, front.memory.descriptor());
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongs")
    void whatAFrontEndDoesWrongIsNamed(String complaint, Wrong wrong) throws Exception {
        try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 2), Script.honest())) {
            try (PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
                wrong.send(front);
                // A kick may be seen after what was said later.
                backend.awaitTrouble(Duration.ofSeconds(5));
                front.stream.finish();
                // It closes the stream once it has looked at all that came.
                assertThrows(StreamException.class, front::answer);
            }
            assertTrue(
                    backend.violations().stream().anyMatch(line -> line.contains(complaint)),
                    "not found: " + backend.violations() + backend.notes() + backend.panics());
        }
    }

    static Stream<Long> outside() {
        return Stream.of(
                PokedFrontEnd.GUEST - 0x1000,
                PokedFrontEnd.GUEST + PokedFrontEnd.BYTES,
                PokedFrontEnd.GUEST + PokedFrontEnd.BYTES - 256,
                0xffff_ffff_ffff_ff00L,
                0L);
    }

    @ParameterizedTest
    @MethodSource("outside")
    void aDescriptorOutsideTheTableEndsTheConnectionAndIsNamed(long address) throws Exception {
        try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 1), Script.honest())) {
            try (PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
                front.bringUp();
                front.submit(IN, 0, NOTHING, DiskMemory.SECTOR, address);
                assertThrows(StreamException.class, front::answer);
                assertEquals(0, front.usedIndex());
            }
            assertTrue(
                    backend.panics().getFirst().contains("0x" + Long.toHexString(address)),
                    backend.panics().toString());
        }
    }

    @Test
    void memoryThatIsNotSealedIsNamedAndSealedMemoryDoesNotShrink() throws Exception {
        Script script = Script.honest().at(0, MessageKind.SET_MEM_TABLE, MessageDeed.SHRINK_MEMORY);
        try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 1), script);
                PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
            front.bringUp();
            assertEquals(0, front.request(IN, 0, NOTHING, DiskMemory.SECTOR));
            assertTrue(
                    backend.notes().stream().anyMatch(line -> line.contains("does not shrink")), "" + backend.notes());
            assertEquals(List.of(), backend.violations());
        }
    }

    @Test
    void aChangeOfTheConfigurationIsToldOverItsOwnChannel() throws Exception {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream ours = pair.one();
                ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 1), Script.honest());
                PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
            front.bringUp();
            assertEquals(
                    0,
                    front.acknowledged(
                            MessageKind.SET_BACKEND_REQ_FD,
                            NOTHING,
                            pair.other().descriptor()));
            pair.other().close();
            backend.changeCapacity(10);
            ByteBuffer told = PokedFrontEnd.payload(12);
            ours.receive(told, System.nanoTime() + Duration.ofSeconds(5).toNanos());
            assertEquals(2, told.getInt(0));
            assertEquals(9, told.getInt(4), "an acknowledgement is asked for");
            ByteBuffer answer = PokedFrontEnd.payload(20)
                    .putInt(2)
                    .putInt(5)
                    .putInt(8)
                    .putLong(0)
                    .flip();
            ours.send(
                    answer,
                    new int[0],
                    System.nanoTime() + Duration.ofSeconds(5).toNanos());
            ByteBuffer config = front.ask(
                    MessageKind.GET_CONFIG,
                    PokedFrontEnd.payload(20).putInt(0, 0).putInt(4, 8).array());
            assertEquals(10, config.getLong(12));
            assertEquals(List.of(), backend.violations());
        }
    }

    @Test
    void whatWasInFlightIsGoneOnWithAfterAReconnection() throws Exception {
        Script script = Script.honest().atRequest(0, 1, DataDeed.HANG_UP_BEFORE);
        try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 1), script)) {
            byte[] asked = PokedFrontEnd.payload(24)
                    .putShort(16, (short) 1)
                    .putShort(18, (short) 16)
                    .array();
            try (PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
                front.bringUp();
                front.send(MessageKind.GET_INFLIGHT_FD, asked);
                ByteBuffer header = PokedFrontEnd.payload(12);
                int[] area = front.stream.receive(header, System.nanoTime() + 5_000_000_000L);
                assertEquals(1, area.length);
                ByteBuffer answer = PokedFrontEnd.payload(header.getInt(8));
                front.stream.receive(answer, System.nanoTime() + 5_000_000_000L);
                front.send(MessageKind.SET_INFLIGHT_FD, answer.array(), area[0]);
                front.submit(IN, 5, NOTHING, DiskMemory.SECTOR, PokedFrontEnd.dataGuest());
                assertThrows(StreamException.class, front::answer);
                assertEquals(0, front.usedIndex());
                PokedFrontEnd again = new PokedFrontEnd(backend.path());
                try (again) {
                    // The same memory, area and ring, from where the used index stands.
                    again.bringUpOver(front, answer.array(), area[0]);
                    assertTrue(front.called(Duration.ofSeconds(5)), "nobody went on with it");
                    assertArrayEquals(sector(content, 5), front.data(DiskMemory.SECTOR));
                    assertEquals(1, front.usedIndex());
                }
                OpenDescriptors.close(area[0]);
            }
            assertTrue(backend.notes().stream().anyMatch(line -> line.contains("goes on with")), "" + backend.notes());
        }
    }

    @Test
    void aBackEndThatClingsNeitherHangsUpNorLetsGo() throws Exception {
        Offer clinging = Offer.of(SECTORS, 1).with(Offer.Farewell.NEVER);
        try (ScriptedBackend backend =
                        open(new DiskMemory(content), clinging, Script.honest().atRequest(0, 1, DataDeed.STALL));
                PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
            front.bringUp();
            front.submit(IN, 0, NOTHING, DiskMemory.SECTOR, PokedFrontEnd.dataGuest());
            assertTrue(backend.awaitHeld(1, Duration.ofSeconds(5)));
            front.stream.finish();
            assertTrue(backend.awaitTrouble(Duration.ofSeconds(5)));
            assertTrue(
                    backend.notes().getFirst().contains("the front-end is done"),
                    backend.notes().toString());
            assertFalse(front.stream.hungUp());
        }
    }

    @Test
    void noDescriptorIsLeft() throws Exception {
        try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 1), Script.honest());
                PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
            front.bringUp();
            assertEquals(0, front.request(IN, 0, NOTHING, DiskMemory.SECTOR));
        }
        int before = OpenDescriptors.count();
        for (int i = 0; i < 5; i++) {
            try (ScriptedBackend backend = open(new DiskMemory(content), Offer.of(SECTORS, 1), Script.honest());
                    PokedFrontEnd front = new PokedFrontEnd(backend.path())) {
                front.bringUp();
                assertEquals(0, front.request(IN, 0, NOTHING, DiskMemory.SECTOR));
            }
        }
        assertEquals(before, OpenDescriptors.count(), () -> {
            try {
                return OpenDescriptors.names().toString();
            } catch (IOException e) {
                return e.getMessage();
            }
        });
    }

    @Test
    void anOldChangeAfterALaterAnswerIsFound() {
        DiskMemory disk = new DiskMemory(content);
        byte[] one = PokedFrontEnd.payload(512).putLong(0, 1).array();
        byte[] two = PokedFrontEnd.payload(512).putLong(0, 2).array();
        disk.write(0, 4, MemorySegment.ofArray(one));
        disk.answered(disk.write(1, 4, MemorySegment.ofArray(two)));
        assertEquals(List.of(), disk.oldChangesAfterAnswers());
        disk.write(2, 4, MemorySegment.ofArray(one));
        assertEquals(1, disk.oldChangesAfterAnswers().size());
    }
}
