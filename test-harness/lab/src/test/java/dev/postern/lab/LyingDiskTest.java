package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.dma.BounceRules;
import dev.postern.dma.UnwrittenBytes;
import dev.postern.dma.UsedLengthTrust;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.emulated.mischief.WriteNothing;
import dev.postern.emulated.mischief.WrongStatus;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.blk.BlkIoErrorException;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A disk behind a pool that lies about how much it wrote, under every rule for what its word is worth. The pool is soiled first with
 * what the guest wrote; none of it may come back as if the disk had said it.
 */
@OnSecureEmulated
class LyingDiskTest {

    private static final int SECTOR = Misbehaving.SECTOR;
    private static final int SOILED = 16;
    /** The request that is lied about: the first after the soiling. */
    private static final int LIE = SOILED + 1;
    /** Sectors from here on are not touched by the soiling. */
    private static final int CLEAN = 100;

    private static final int IO_ERROR = 1;
    private static final byte SOIL = 0x5e;
    private static final byte UNTOUCHED = (byte) 0xa5;

    @Parameter
    Setting setting;

    static Stream<BounceRules> rules() {
        return Arrays.stream(UsedLengthTrust.values())
                .flatMap(trust ->
                        Arrays.stream(UnwrittenBytes.values()).map(unwritten -> new BounceRules(trust, unwritten)));
    }

    @ParameterizedTest
    @MethodSource("rules")
    @Immunity(28)
    void row28AFullLengthWithNothingWrittenShowsNothingOfThePool(BounceRules rules) throws Exception {
        try (Trial trial = soiled(rules, new WriteNothing(LIE))) {
            byte expected = rules.unwritten() == UnwrittenBytes.ZEROED ? 0 : UNTOUCHED;
            assertAll(expected, read(trial));
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    @Immunity(28)
    void row28AnErrorThatWroteItsStatusAloneShowsNothingOfThePool(BounceRules rules) throws Exception {
        try (Trial trial =
                soiled(rules, new WriteNothing(LIE), new WrongStatus(LIE, IO_ERROR), new TamperUsedLength(LIE, 1))) {
            assertAll(notDelivered(rules), readFailing(trial, BlkIoErrorException.class));
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    @Immunity(28)
    void row28ALengthOfZeroWithAnErrorShowsNothingOfThePool(BounceRules rules) throws Exception {
        try (Trial trial =
                soiled(rules, new WriteNothing(LIE), new WrongStatus(LIE, IO_ERROR), new TamperUsedLength(LIE, 0))) {
            assertAll(notDelivered(rules), readFailing(trial, BlkIoErrorException.class));
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    @Immunity(28)
    void row28ASuccessOfNoLengthIsNoneAndShowsNothingOfThePool(BounceRules rules) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = soiled(rules, new TamperUsedLength(LIE, 0))) {
            byte[] got = readFailing(trial, DeviceBrokenException.class);
            if (rules.usedLength() == UsedLengthTrust.IGNORE) {
                assertArrayEquals(Misbehaving.sector(content, CLEAN), got);
            } else {
                assertAll(UNTOUCHED, got);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    @Immunity({28, 35})
    void row28ALengthBeyondTheBufferBreaksTheQueueAndTheDataComesOnTheSecondTry(BounceRules rules) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = soiled(rules, new TamperUsedLength(LIE, SECTOR + 2))) {
            assertArrayEquals(Misbehaving.sector(content, CLEAN), read(trial));
            assertEquals(1, trial.disk(0).recoveries());
        }
    }

    /** A failed read of a device whose word counts leaves the buffer alone; else the slot is copied, as it was handed over. */
    private static byte notDelivered(BounceRules rules) {
        boolean zeros = rules.usedLength() == UsedLengthTrust.IGNORE && rules.unwritten() == UnwrittenBytes.ZEROED;
        return zeros ? 0 : UNTOUCHED;
    }

    private Trial soiled(BounceRules rules, DeviceMischief... acts) throws Exception {
        LabMachine.Emulated machine = new LabMachine.Emulated(EmulatedDevices.on(setting.platform())
                .device(SeededDisk.of(Misbehaving.SECTORS * SECTOR, Misbehaving.CONTENT)
                        .virtio(VirtioOptions.DEFAULTS.mischief(acts)))
                .build());
        Trial trial = Trial.boot(setting, rules, machine);
        PhysRange buffer = trial.buffer((long) SOILED * SECTOR);
        trial.bytes(buffer).fill(SOIL);
        BlkRequest[] requests = new BlkRequest[SOILED];
        for (int i = 0; i < SOILED; i++) {
            requests[i] = trial.disk(0).submitWrite(i, buffer.basePa() + (long) i * SECTOR, SECTOR);
        }
        for (BlkRequest request : requests) {
            trial.disk(0).await(request);
        }
        trial.bytes(buffer).fill((byte) 0);
        trial.giveBack(buffer);
        return trial;
    }

    private static byte[] read(Trial trial) throws Exception {
        PhysRange buffer = buffer(trial);
        trial.disk(0).read(CLEAN, buffer.basePa(), SECTOR);
        return taken(trial, buffer);
    }

    private static byte[] readFailing(Trial trial, Class<? extends Exception> why) {
        PhysRange buffer = buffer(trial);
        assertThrows(why, () -> trial.disk(0).read(CLEAN, buffer.basePa(), SECTOR));
        return taken(trial, buffer);
    }

    private static PhysRange buffer(Trial trial) {
        PhysRange buffer = trial.buffer(SECTOR);
        trial.bytes(buffer).asSlice(0, SECTOR).fill(UNTOUCHED);
        return buffer;
    }

    private static byte[] taken(Trial trial, PhysRange buffer) {
        byte[] got = trial.bytes(buffer).asSlice(0, SECTOR).toArray(ValueLayout.JAVA_BYTE);
        trial.giveBack(buffer);
        return got;
    }

    private static void assertAll(byte expected, byte[] got) {
        byte[] all = new byte[got.length];
        Arrays.fill(all, expected);
        assertArrayEquals(all, got, Seed.words());
    }
}
