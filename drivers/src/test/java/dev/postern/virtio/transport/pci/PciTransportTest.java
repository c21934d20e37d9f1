package dev.postern.virtio.transport.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.InOrder;

/** Registers of a virtio function: where they are, how wide, in which order, and what is refused. */
class PciTransportTest {

    private static final QueueAddresses QUEUE =
            new QueueAddresses(8, 0x1_2345_6780L, 0x2_0000_1000L, 0xffff_ffff_0000_0004L);

    private static final DeviceSignals SILENT = new DeviceSignals() {
        @Override
        public void queueSignalled(int queue) {
            throw new AssertionError("nothing signalled");
        }

        @Override
        public void configurationChanged() {
            throw new AssertionError("nothing changed");
        }
    };

    @Test
    void aQueueIsSetUpFieldByFieldAndEnabledLast() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(30, (short) 3);
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        fake.accesses.clear();
        transport.enableQueue(1, QUEUE);
        assertEquals(
                List.of(
                        "w16=1@16",
                        "w16=8@18",
                        "r16@18",
                        "w32=23456780@20",
                        "w32=1@24",
                        "w32=1000@28",
                        "w32=2@2c",
                        "w32=4@30",
                        "w32=ffffffff@34",
                        "r16@1e",
                        "w16=1@1c",
                        "r16@1c"),
                fake.accesses,
                "transport-pci:111 and 509");
        fake.accesses.clear();
        transport.notifyQueue(1, 0);
        assertEquals(List.of("w16=1@100c"), fake.accesses, "cap.offset + queue_notify_off * notify_off_multiplier");
    }

    @Test
    void featuresAreReadAndWrittenInWindowsOf32Bits() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        assertEquals(FeatureSet.of(32, 48, 65, 81, 96, 97, 112, 113), transport.offeredFeatures());
        fake.accesses.clear();
        transport.writeAcceptedFeatures(FeatureSet.of(0, 33));
        assertEquals(
                List.of("w32=0@8", "w32=1@c", "w32=1@8", "w32=2@c", "w32=2@8", "w32=0@c", "w32=3@8", "w32=0@c"),
                fake.accesses);
    }

    @Test
    void statusAndGenerationAreBytes() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        fake.registers.put(21, (byte) 0xfe);
        fake.accesses.clear();
        transport.writeStatus(0x0f);
        assertEquals(0x0f, transport.readStatus());
        assertEquals(0xfe, transport.configGeneration());
        assertEquals(List.of("w8=f@14", "r8@14", "r8@15"), fake.accesses);
    }

    @Test
    void theDeviceConfigurationIsReadInsideItsStructureAlone() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        fake.registers.putInt(FakeFunction.DEVICE + 8, 0x8000_0001);
        assertEquals(0x8000_0001, transport.readConfig32(8));
        assertEquals(0x8000, transport.readConfig16(10));
        assertEquals(0x80, transport.readConfig8(11));
        assertEquals(0x100, transport.configLength());
        for (int offset : new int[] {-4, 2, 0xfe, 0x100, Integer.MAX_VALUE - 3}) {
            assertThrows(IndexOutOfBoundsException.class, () -> transport.readConfig32(offset));
        }
    }

    @Test
    void aFunctionWithoutDeviceConfigurationHasNone() throws Exception {
        FakeFunction fake = new FakeFunction();
        fake.structure(1, 4, 0, 56);
        fake.structure(2, 4, FakeFunction.NOTIFY, 2);
        fake.structure(3, 4, FakeFunction.ISR, 1);
        PciTransport transport = fake.open();
        assertEquals(0, transport.configLength());
        assertThrows(IndexOutOfBoundsException.class, () -> transport.readConfig8(0));
    }

    @Test
    void queuesThatTheDeviceDoesNotHaveHaveNoEntries() throws Exception {
        PciTransport transport = FakeFunction.whole().open();
        assertEquals(256, transport.maximumQueueSize(1));
        assertEquals(0, transport.maximumQueueSize(2));
        assertEquals(0, transport.maximumQueueSize(65535));
    }

    @ParameterizedTest
    @CsvSource({
        // type, offset, length: none may be taken
        "1, 0x3fc9, 56", "1, 0x4000, 56", "1, 0xfffffff8, 56", "1, 0, 0xffffffff", "1, 0, 0x4001", "1, 0, 55",
        "2, 0x3fff, 2", "2, 0x1000, 1", "2, 0x1000, 0", "2, 0xfffffffe, 4", "3, 0x4000, 1", "3, 0, 0",
        "4, 0x3ffc, 8", "4, 0xffffffff, 0xffffffff"
    })
    void aStructureOutsideItsBarOrTooShortIsRefused(int type, String offset, String length) {
        FakeFunction fake = new FakeFunction();
        for (int other = 1; other <= 4; other++) {
            if (other == type) {
                fake.structure(
                        type, 4, Integer.parseUnsignedInt(hex(offset), 16), Integer.parseUnsignedInt(hex(length), 16));
            } else {
                fake.structure(other, 4, (other - 1) * 0x1000, 0x100);
            }
        }
        assertRefused(fake);
    }

    private static String hex(String number) {
        return number.startsWith("0x") ? number.substring(2) : Integer.toHexString(Integer.parseInt(number));
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 1", "2, 0x1001", "4, 0x3002", "4, 0x3001"})
    void aStructureThatIsNotAlignedIsRefused(int type, String offset) {
        FakeFunction fake = FakeFunction.whole();
        fake.config.putInt(0x40 + 20 * (type - 1) + 8, Integer.parseInt(hex(offset), 16));
        assertRefused(fake);
    }

    @Test
    void anInterruptStatusMayLieAnywhere() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.config.putInt(0x40 + 20 * 2 + 8, 0x2003);
        fake.open();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aMissingStructureIsRefused(int missing) {
        FakeFunction fake = new FakeFunction();
        for (int type = 1; type <= 4; type++) {
            if (type != missing) {
                fake.structure(type, 4, (type - 1) * 0x1000, 0x100);
            }
        }
        assertRefused(fake);
    }

    @Test
    void aStructureInABarThatDoesNotExistIsRefused() {
        FakeFunction fake = FakeFunction.whole();
        fake.config.put(0x40 + 4, (byte) 2);
        assertRefused(fake);
    }

    @Test
    void capabilitiesThatMustBeIgnoredAreAndTheFirstOfEachKindCounts() throws Exception {
        FakeFunction fake = new FakeFunction();
        fake.structure(1, 6, 0x500, 0x100); // transport-pci:275: a reserved BAR
        fake.structure(77, 4, 0x600, 0x100); // transport-pci:267: a reserved type
        fake.structure(1, 4, 0x100, 0x100);
        fake.structure(1, 4, 0x200, 0x100); // transport-pci:270: not the first
        fake.structure(2, 4, FakeFunction.NOTIFY, 0x100);
        fake.structure(3, 4, FakeFunction.ISR, 1);
        fake.registers.putShort(0x100 + 18, (short) 1);
        PciTransport transport = fake.open();
        fake.accesses.clear();
        transport.readStatus();
        assertEquals(List.of("r8@114"), fake.accesses);
    }

    @Test
    void aNotificationCapabilityWithoutRoomForItsMultiplierIsNotUsed() {
        FakeFunction fake = FakeFunction.whole();
        // cap_len 16: the multiplier would be read from whatever follows.
        fake.config.put(0x40 + 20 + 2, (byte) 16);
        assertRefused(fake);
    }

    @ParameterizedTest
    @CsvSource({"0xffff, 4", "1024, 4", "1, 0xffffffff", "0xffff, 0xffffffff", "1, 3", "4095, 1"})
    void aQueueThatIsNotifiedOutsideTheStructureOrUnalignedIsRefused(String off, String multiplier) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(30, (short) Integer.parseInt(hex(off), 16));
        fake.config.putInt(0x40 + 20 + 16, Integer.parseUnsignedInt(hex(multiplier), 16));
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        assertThrows(ProbeRefusedException.class, () -> transport.enableQueue(0, QUEUE));
        assertTrue(fake.accesses.stream().noneMatch("w16=1@1c"::equals), "never enabled");
    }

    @ParameterizedTest
    @CsvSource({"1023, 4", "0xffff, 0", "2047, 2"})
    void aQueueThatIsNotifiedAtTheLastPlaceInsideIsTaken(String off, String multiplier) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(30, (short) Integer.parseInt(hex(off), 16));
        fake.config.putInt(0x40 + 20 + 16, Integer.parseUnsignedInt(hex(multiplier), 16));
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        transport.enableQueue(0, QUEUE);
        transport.notifyQueue(0, 0);
    }

    @ParameterizedTest
    @CsvSource({
        // NOTIFICATION_DATA, NOTIF_CONFIG_DATA, what is written where
        "false, false, w16=1@1008, transport-pci:1103 and 1110",
        "false, true, w16=beef@1008, transport-pci:1103 and 1120",
        "true, false, w32=80070001@1008, transport-pci:1106 and 1113",
        "true, true, w32=8007beef@1008, transport-pci:1106 and 1123"
    })
    void aNotificationIsAsWideAndSaysWhatWasAgreedOn(boolean data, boolean name, String written, String clause)
            throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(30, (short) 2).putShort(56, (short) 0xbeef);
        PciTransport transport = fake.open();
        FeatureSet features = FeatureSet.of(32);
        features = data ? features.with(38) : features;
        transport.writeAcceptedFeatures(name ? features.with(39) : features);
        transport.connectInterrupts(InterruptMode.POLLED, 2, SILENT);
        fake.accesses.clear();
        transport.enableQueue(1, QUEUE);
        assertEquals(name, fake.accesses.contains("r16@38"), "the field exists only then");
        fake.accesses.clear();
        transport.notifyQueue(1, 0x8007);
        assertEquals(List.of(written), fake.accesses, clause);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 2", "1, 1", "1024, 4", "0xffff, 0xffffffff", "2047, 2"})
    void aWideNotificationOutsideTheStructureOrUnalignedIsRefused(String off, String multiplier) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(30, (short) Integer.parseInt(hex(off), 16));
        fake.config.putInt(0x40 + 20 + 16, Integer.parseUnsignedInt(hex(multiplier), 16));
        PciTransport transport = fake.open();
        transport.writeAcceptedFeatures(FeatureSet.of(32, 38));
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        assertThrows(ProbeRefusedException.class, () -> transport.enableQueue(0, QUEUE), "transport-pci:594");
        assertTrue(fake.accesses.stream().noneMatch("w16=1@1c"::equals), "never enabled");
    }

    @ParameterizedTest
    @CsvSource({"0x1000, 2", "0x1000, 3", "0x1002, 0x100"})
    void aNotificationStructureTooShortOrUnalignedForWideOnesIsRefused(String offset, String length) throws Exception {
        FakeFunction fake = new FakeFunction();
        fake.structure(1, 4, 0, 0x1000);
        fake.structure(2, 4, Integer.parseInt(hex(offset), 16), Integer.parseInt(hex(length), 16));
        fake.structure(3, 4, FakeFunction.ISR, 1);
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        transport.enableQueue(0, QUEUE);
        transport.writeAcceptedFeatures(FeatureSet.of(32, 38));
        assertThrows(ProbeRefusedException.class, () -> transport.enableQueue(0, QUEUE), "transport-pci:588 and 590");
    }

    @Test
    void aWideNotificationAtTheLastPlaceInsideIsTaken() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(30, (short) 1023);
        PciTransport transport = fake.open();
        transport.writeAcceptedFeatures(FeatureSet.of(32, 38));
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        transport.enableQueue(0, QUEUE);
        fake.accesses.clear();
        transport.notifyQueue(0, 5);
        assertEquals(List.of("w32=50000@1ffc"), fake.accesses);
    }

    @Test
    void aQueueIsResetByItsFieldAndSetUpAgainInFull() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 2, SILENT);
        transport.enableQueue(1, QUEUE);
        fake.queueResetReads = 2;
        fake.accesses.clear();
        transport.resetQueue(1);
        assertFalse(transport.queueResetDone(1));
        assertFalse(transport.queueResetDone(1));
        assertTrue(transport.queueResetDone(1));
        assertEquals(
                List.of("w16=1@16", "w16=1@3a", "w16=1@16", "r16@3a", "w16=1@16", "r16@3a", "w16=1@16", "r16@3a"),
                fake.accesses,
                "transport-pci:518; queue_enable is never written with 0 (transport-pci:515)");
        fake.accesses.clear();
        transport.enableQueue(1, QUEUE);
        assertTrue(fake.accesses.containsAll(List.of("w16=8@18", "w32=23456780@20", "w32=ffffffff@34")), "content:442");
        assertEquals(
                List.of("w16=1@1c", "r16@1c"), fake.accesses.subList(fake.accesses.size() - 2, fake.accesses.size()));
    }

    @Test
    void aQueueThatDoesNotReadBackAsEnabledIsRefused() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.takesQueues = false;
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        String message = assertThrows(ProbeRefusedException.class, () -> transport.enableQueue(0, QUEUE))
                .getMessage();
        assertTrue(message.contains("queue 0 does not read back as enabled"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 16, 256, 0xffff})
    void aQueueThatInsistsOnAnotherSizeIsRefusedBeforeItIsEnabled(int size) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.insistsOnSize = size;
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.POLLED, 1, SILENT);
        String message = assertThrows(ProbeRefusedException.class, () -> transport.enableQueue(0, QUEUE))
                .getMessage();
        assertTrue(message.contains("does not take 8 entries for queue 0"), message);
        assertFalse(fake.accesses.contains("w16=1@1c"));
    }

    @ParameterizedTest
    @CsvSource({"56, 38", "57, 38", "58, 38 39", "59, 38 39", "60, 38 39 40", "64, 38 39 40"})
    void aFeatureWhoseFieldTheStructureDoesNotHoldIsNotSupported(int length, String bits) throws Exception {
        FakeFunction fake = new FakeFunction();
        fake.structure(1, 4, 0, length);
        fake.structure(2, 4, FakeFunction.NOTIFY, 0x100);
        fake.structure(3, 4, FakeFunction.ISR, 1);
        int[] expected =
                Arrays.stream(bits.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertEquals(FeatureSet.of(expected), fake.open().supportedFeatures(), "content:147");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 256", "65535, 256"})
    void queuesAreBoundedByWhatTheDeviceSaysNow(int count, int entries) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        fake.registers.putShort(18, (short) count);
        assertEquals(entries, transport.maximumQueueSize(0));
        assertEquals(count > 1 ? entries : 0, transport.maximumQueueSize(1));
    }

    @Test
    void aConfigurationByteIsWrittenInsideItsStructureAlone() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        fake.accesses.clear();
        transport.writeConfig8(32, 1);
        assertEquals(List.of("w8=1@3020"), fake.accesses);
        for (int offset : new int[] {-1, 0x100, Integer.MAX_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> transport.writeConfig8(offset, 1));
        }
    }

    @Test
    void memoryAccessIsAllowedAndForbiddenAtTheBus() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        PciTransport transport = fake.open();
        verify(fake.function, never()).enableBusMastering();
        transport.allowDma();
        transport.forbidDma();
        verify(fake.function, times(1)).disableBusMastering();
        transport.close();
        InOrder order = inOrder(fake.function, fake.claim);
        order.verify(fake.function).claim("blk0");
        order.verify(fake.function).enableMemory();
        order.verify(fake.function).enableBusMastering();
        order.verify(fake.function, times(2)).disableBusMastering();
        order.verify(fake.claim).close();
    }

    @Test
    void aLineInterruptOnAMachineWithoutLinesIsRefusedWithTheRemedy() throws Exception {
        for (int gsi : new int[] {-1, 16}) {
            FakeFunction fake = FakeFunction.whole();
            PciTransport transport = PciTransport.open(fake.function, "blk0", fake, fake.router, gsi);
            String message = assertThrows(
                            ProbeRefusedException.class,
                            () -> transport.connectInterrupts(InterruptMode.INTX, 1, SILENT))
                    .getMessage();
            assertTrue(message.contains("polled") || message.contains("polling"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x1af4, 0x1042, 0, 2", "0x1af4, 0x1040, 0, 0", "0x1af4, 0x107f, 0, 63", "0x1af4, 0x1001, 2, 2",
        "0x1af4, 0x103f, 9, 9", "0x1af4, 0x1080, 2, -1", "0x1af4, 0x0fff, 2, -1", "0x8086, 0x1042, 2, -1"
    })
    void theTypeIsInTheDeviceIdOrForTransitionalOnesInTheSubsystem(
            String vendor, String device, int subsystem, int type) {
        FakeFunction fake = new FakeFunction();
        when(fake.function.vendorId()).thenReturn(Integer.parseInt(hex(vendor), 16));
        when(fake.function.deviceId()).thenReturn(Integer.parseInt(hex(device), 16));
        when(fake.function.subsystemId()).thenReturn(subsystem);
        assertEquals(
                type < 0 ? OptionalInt.empty() : OptionalInt.of(type),
                PciTransport.deviceType(fake.function),
                "transport-pci:29");
    }

    private static void assertRefused(FakeFunction fake) {
        String message = assertThrows(ProbeRefusedException.class, fake::open).getMessage();
        assertTrue(message.startsWith("00:03.0 1af4:1042: ") && !message.contains("\n"), message);
        verify(fake.claim).close();
        assertEquals(List.of(), fake.accesses, "nothing was touched");
    }
}
