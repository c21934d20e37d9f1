package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SEV and SEV-ES: what the CPU says, what the C-bit does, and what devices do to private memory. */
class SevOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final byte[] SECRET = PokedPlatform.text("attack at dawn");

    private static long cBit(Platform platform) {
        return platform == Platform.SEV ? PokedPlatform.SEV_C_BIT : PokedPlatform.C_BIT;
    }

    @Test
    void sevIsInTheEncryptedMemoryLeafAndTheStatusRegister() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV).build()) {
            CpuFacts facts = machine.cpuFacts().orElseThrow();
            assertEquals(0b00010, facts.cpuid(0x8000_001f, 0).eax() & 0b11011, "SEV alone");
            assertEquals(47, facts.cpuid(0x8000_001f, 0).ebx() & 0x3f);
            assertEquals(OptionalLong.of(0b001), facts.register(0xc001_0131));
        }
    }

    @Test
    void sevEsIsInTheEncryptedMemoryLeafAndTheStatusRegister() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV_ES).build()) {
            CpuFacts facts = machine.cpuFacts().orElseThrow();
            assertEquals(0b01010, facts.cpuid(0x8000_001f, 0).eax() & 0b11011, "SEV and SEV-ES, no SNP");
            assertEquals(51, facts.cpuid(0x8000_001f, 0).ebx() & 0x3f);
            assertEquals(OptionalLong.of(0b011), facts.register(0xc001_0131));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void theCBitAloneShares(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedPlatform poked = new PokedPlatform(machine, platform);
            poked.acts.mapPages(PAGE, 4096, 0);
            assertTrue(machine.sharedPages().contains(PAGE));
            poked.acts.mapPages(PAGE, 4096, cBit(platform));
            assertFalse(machine.sharedPages().contains(PAGE));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void thereIsOneMemoryBehindAPage(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform poked = new PokedPlatform(machine, platform);
            PokedPlatform.put(disk, PAGE, SECRET);
            PokedPlatform.transfer(disk, 1, 3, PAGE, 512);
            poked.share(PAGE, 4096);
            byte[] uncovered = PokedPlatform.bytes(disk, PAGE);
            assertFalse(Arrays.equals(SECRET, uncovered));
            assertArrayEquals(PokedPlatform.sector(disk, 3), uncovered, "the ciphertext that the device saw");
            poked.unshare(PAGE, 4096);
            assertArrayEquals(SECRET, PokedPlatform.bytes(disk, PAGE), "nothing was stored in between");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void aDeviceReadsCiphertextOfAPrivatePage(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform.put(disk, PAGE, SECRET);
            assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
            assertFalse(Arrays.equals(SECRET, PokedPlatform.sector(disk, 3)));
            assertArrayEquals(SECRET, PokedPlatform.bytes(disk, PAGE));
            assertEquals(List.of(platform.platformName() + ":private-page"), Guests.clauses(machine));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void aDeviceWriteToAPrivatePageIsGarbageToTheGuestAndPlainToTheDevice(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            byte[] fromDisk = PokedPlatform.sector(disk, 3);
            PokedPlatform.put(disk, PAGE, SECRET);
            PokedPlatform.put(disk, PAGE + 512, SECRET);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 3, PAGE, 512), "the device knows of nothing");
            byte[] seen = PokedPlatform.bytes(disk, PAGE);
            assertFalse(Arrays.equals(SECRET, seen));
            assertFalse(Arrays.equals(fromDisk, seen));
            assertArrayEquals(SECRET, PokedPlatform.bytes(disk, PAGE + 512), "what was not written stays");
            PokedPlatform.transfer(disk, 1, 4, PAGE, 512);
            assertArrayEquals(fromDisk, PokedPlatform.sector(disk, 4));
            assertEquals(
                    List.of(platform.platformName() + ":private-page", platform.platformName() + ":private-page"),
                    Guests.clauses(machine));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void aMessageToAPrivatePageIsGarbageToo(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            new PokedPlatform(machine, platform).share(disk.queueBase, PokedPlatform.LARGE_PAGE);
            disk.put32(PAGE, 0x1234);
            disk.negotiate(PokedDevice.VERSION_1);
            disk.msixControl(0x8000);
            disk.vector(0, PAGE, 0x4321, 0);
            disk.enableQueue(0, 0);
            disk.status(15);
            assertEquals(0, disk.request(0, 0, 512));
            assertFalse(List.of(0x1234, 0x4321).contains(disk.get32(PAGE)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void ringsInPrivateMemoryAreNeverServed(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(-1, disk.request(0, 0, 512));
            Guests.assertClause(machine, platform.platformName() + ":private-page");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void theCBitOfAnotherProcessorIsFatal(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            long other = platform == Platform.SEV ? PokedPlatform.C_BIT : PokedPlatform.SEV_C_BIT;
            MachineDiedException died = assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().mapPages(PAGE, 4096, other));
            assertTrue(died.getMessage().contains(platform.platformName() + ":c-bit"), died::getMessage);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SEV", "SEV_ES"})
    void thereIsNoReverseMapTableToValidateIn(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            assertThrows(MachineDiedException.class, () -> new PokedPlatform(machine, platform).pvalidate(PAGE, 0));
            assertEquals(List.of(platform.platformName() + ":undefined-instruction"), Guests.clauses(machine));
        }
    }

    @Test
    void sevEsAnswersTheMsrProtocolWithoutSnp() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV_ES).build()) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.SEV_ES);
            long info = poked.acts.execute(Instruction.VMGEXIT, 0x002)[0];
            assertEquals(0x001, info & 0xfff);
            assertEquals(51, info >>> 24 & 0xff);
            assertEquals(0x081, poked.acts.execute(Instruction.VMGEXIT, 0x080)[0], "no feature");
            assertEquals(0b01010L, poked.acts.execute(Instruction.VMGEXIT, 0x8000_001fL << 32 | 0x004)[0] >>> 32);
            assertThrows(MachineDiedException.class, () -> poked.pageState(PAGE, 2));
            Guests.assertClause(machine, "sev-es:ghcb-msr");
        }
    }

    @Test
    void sevHasNoGhcbRegister() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV).build()) {
            assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().execute(Instruction.VMGEXIT, 0x002));
            Guests.assertClause(machine, "sev:undefined-instruction");
        }
    }

    @Test
    void aSevEsTerminationRequestEndsTheMachine() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV_ES).build()) {
            MachineDiedException died = assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().execute(Instruction.VMGEXIT, 0x02_1100));
            assertTrue(died.getMessage().contains("reason set 1, code 2"), died::getMessage);
        }
    }
}
