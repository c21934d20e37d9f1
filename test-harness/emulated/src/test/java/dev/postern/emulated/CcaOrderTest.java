package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The realm's services and the two halves of its addresses. */
class CcaOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long CONFIG = 0xc400_0196L;
    private static final long SET = 0xc400_0197L;
    private static final long GET = 0xc400_0198L;
    private static final long EMPTY = 0;
    private static final long RAM = 1;

    private EmulatedMachine machine;
    private PokedPlatform poked;
    private PokedDevice disk;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.CCA).build();
        poked = new PokedPlatform(machine, Platform.CCA);
        disk = PokedPlatform.sharedDisk(machine, Platform.CCA);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    private void assertDies(String clause, Executable act) {
        MachineDiedException died = assertThrows(MachineDiedException.class, act);
        assertTrue(died.getMessage().contains(clause), died::getMessage);
        assertEquals(List.of(clause), Guests.clauses(machine));
    }

    @Test
    void theMonitorAnswersItsVersionAndTheRealmsConfiguration() {
        assertEquals(Architecture.AARCH64, machine.cpuFacts().orElseThrow().architecture());
        assertArrayEquals(new long[] {0, 0x1_0000, 0x1_0000, 0}, poked.rsi(0xc400_0190L, 0x1_0000));
        assertEquals(1, poked.rsi(0xc400_0190L, 0x2_0000)[0], "another major version");
        disk.ram.asSlice(PAGE, 4096).fill((byte) 0xee);
        assertEquals(0, poked.rsi(CONFIG, PAGE)[0]);
        assertEquals(40, disk.ram.get(ValueLayout.JAVA_LONG, PAGE));
        assertEquals(0, disk.ram.get(ValueLayout.JAVA_BYTE, PAGE + 4095), "the whole page is written");
    }

    @ParameterizedTest
    @CsvSource({"0x300008", "0x40000000", "0x210000"})
    void theConfigurationGoesToAWholePageOfTheRealm(String address) {
        assertEquals(1, poked.rsi(CONFIG, Long.decode(address))[0], "not aligned; no RAM; shared");
        assertEquals(List.of("cca:realm-config"), Guests.clauses(machine));
    }

    @Test
    void functionsThatAreNotThereAreNotSupported() {
        assertEquals(-1, poked.rsi(0x8600_ff01L)[0]);
        assertEquals(0x1_0002, poked.rsi(0x8000_0000L)[0], "the calling convention is 1.2");
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void theStateOfPagesFollowsTheRequests() {
        assertArrayEquals(new long[] {0, PAGE + 0x8000, RAM, 0}, poked.rsi(GET, PAGE, PAGE + 0x8000));
        poked.share(PAGE + 0x2000, 0x1000);
        assertArrayEquals(new long[] {0, PAGE + 0x2000, RAM, 0}, poked.rsi(GET, PAGE, PAGE + 0x8000));
        assertArrayEquals(new long[] {0, PAGE + 0x3000, EMPTY, 0}, poked.rsi(GET, PAGE + 0x2000, PAGE + 0x8000));
        assertEquals(EMPTY, poked.rsi(GET, 0xb000_0000L, 0xb000_1000L)[2], "registers of devices are the host's");
        poked.unshare(PAGE + 0x2000, 0x1000);
        assertEquals(PAGE + 0x8000, poked.rsi(GET, PAGE, PAGE + 0x8000)[1]);
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void aLongRangeTakesMoreThanOneCall() {
        assertArrayEquals(new long[] {0, 0x40_0000, 0, 0}, poked.rsi(SET, 0x3f_e000, 1L << 32, EMPTY, 0));
        assertTrue(machine.sharedPages().contains(0x3f_f000));
    }

    @Test
    void aRefusalOfTheHostIsInTheThirdRegister() {
        try (EmulatedMachine refusing = PokedPlatform.machine(Platform.CCA)
                .mischief(new FailConversionAt(2))
                .build()) {
            PokedPlatform guest = new PokedPlatform(refusing, Platform.CCA);
            assertArrayEquals(new long[] {0, PAGE + 0x1000, 1, 0}, guest.rsi(SET, PAGE, PAGE + 0x4000, EMPTY, 0));
            assertEquals(1, refusing.sharedPages().count());
            assertEquals(List.of(), refusing.guestErrors());
        }
    }

    @Test
    void statesAndRangesAreChecked() {
        long[][] bad = {
            {PAGE + 8, PAGE + 4096, EMPTY, 0},
            {PAGE, PAGE, EMPTY, 0},
            {PAGE, PAGE + 4096, 2, 0},
            {PAGE, PAGE + 4096, RAM, 2},
            {PAGE | PokedPlatform.UNPROTECTED, PAGE + 4096 | PokedPlatform.UNPROTECTED, EMPTY, 0},
        };
        for (long[] arguments : bad) {
            assertEquals(1, poked.rsi(SET, arguments)[0], () -> Arrays.toString(arguments));
        }
        assertEquals(bad.length, machine.guestErrors().size());
        Guests.assertClause(machine, "cca:ipa-state");
        assertFalse(machine.sharedPages().contains(PAGE));
    }

    @Test
    void whatIsNotRamIsRejected() {
        assertArrayEquals(new long[] {0, 0x4000_0000L, 1, 0}, poked.rsi(SET, 0x4000_0000L, 0x4000_1000L, RAM, 0));
        assertEquals(List.of("cca:outside-ram"), Guests.clauses(machine));
    }

    @Test
    void aDeviceAddressWithoutTheTopBitReachesNothing() {
        // The pages are shared; the guest only forgot the bit in the descriptor of its data.
        disk.header(1, 3);
        disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
        disk.descriptor(1, disk.data(), 512, PokedDevice.NEXT, 2);
        disk.put64(disk.descriptors(0) + 16, disk.data());
        disk.descriptor(2, disk.statusByte(), 1, PokedDevice.WRITE, 0);
        byte[] before = PokedPlatform.text("kept");
        PokedPlatform.put(disk, disk.data(), before);
        disk.offer(0);
        disk.kick(0);
        disk.settle();
        Guests.assertClause(machine, "cca:protected-address");
        assertArrayEquals(before, PokedPlatform.bytes(disk, disk.data()));
    }

    @Test
    void ringsWithoutTheTopBitAreNeverServed() {
        disk.negotiate(PokedDevice.VERSION_1);
        disk.registers.write16(disk.common + 22, 0);
        disk.registers.write16(disk.common + 24, disk.queueSize);
        disk.registers.write32(disk.common + 32, (int) disk.descriptors(0));
        disk.registers.write32(disk.common + 40, (int) disk.available(0));
        disk.registers.write32(disk.common + 48, (int) disk.used(0));
        disk.registers.write16(disk.common + 28, 1);
        disk.status(15);
        assertEquals(-1, disk.request(0, 0, 512));
        Guests.assertClause(machine, "cca:protected-address");
    }

    @Test
    void theTopBitAloneDoesNotShare() {
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("secret"));
        poked.acts.mapPages(PAGE, 4096, PokedPlatform.UNPROTECTED);
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertArrayEquals(new byte[512], PokedPlatform.sector(disk, 3));
        poked.acts.mapPages(PAGE, 4096, 0);
        assertArrayEquals(PokedPlatform.text("secret"), PokedPlatform.bytes(disk, PAGE));
        assertEquals(List.of("cca:private-page"), Guests.clauses(machine));
    }

    @Test
    void anEmptyPageThatIsStillMappedProtectedIsOutOfSight() {
        poked.rsi(SET, PAGE, PAGE + 4096, EMPTY, 0);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("lost"));
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertFalse(Arrays.equals(PokedPlatform.text("lost"), PokedPlatform.sector(disk, 3)));
        poked.acts.mapPages(PAGE, 4096, PokedPlatform.UNPROTECTED);
        assertEquals(List.of("cca:unmatched-mapping", "cca:unmatched-mapping"), Guests.clauses(machine));
    }

    @Test
    void anotherBitThanTheTopOneIsFatal() {
        assertDies("cca:address-bits", () -> poked.acts.mapPages(PAGE, 4096, 1L << 47));
    }

    @Test
    void aRealmHasNoHypervisorCall() {
        assertDies("cca:undefined-instruction", () -> poked.acts.execute(Instruction.HYPERVISOR_CALL, 0x8600_ff01L));
    }
}
