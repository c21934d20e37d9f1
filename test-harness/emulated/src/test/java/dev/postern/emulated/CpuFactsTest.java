package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.CpuFacts.Cpuid;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CpuFactsTest {

    private static CpuFacts facts(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            return machine.cpuFacts().orElseThrow();
        }
    }

    @Test
    void aPlainCpuHasNoTraceOfAnySecurePlatform() {
        CpuFacts facts = facts(Platform.PLAIN);
        assertEquals(Architecture.X86_64, facts.architecture());
        assertTrue(facts.cpuid(0, 0).eax() < 0x21);
        assertEquals(Cpuid.NONE, facts.cpuid(0x21, 0));
        assertTrue(Integer.compareUnsigned(facts.cpuid(0x8000_0000, 0).eax(), 0x8000_001f) < 0);
        assertEquals(Cpuid.NONE, facts.cpuid(0x8000_001f, 0));
        assertEquals(OptionalLong.empty(), facts.register(0xc001_0131));
    }

    @Test
    void sevSnpIsInTheEncryptedMemoryLeafAndTheStatusRegister() {
        CpuFacts facts = facts(Platform.SEV_SNP);
        assertTrue(Integer.compareUnsigned(facts.cpuid(0x8000_0000, 0).eax(), 0x8000_001f) >= 0);
        assertEquals(0b11010, facts.cpuid(0x8000_001f, 0).eax() & 0b11011, "SEV, SEV-ES, SNP and not SME");
        assertEquals(51, facts.cpuid(0x8000_001f, 0).ebx() & 0x3f);
        assertEquals(OptionalLong.of(7), facts.register(0xc001_0131));
        assertEquals(Cpuid.NONE, facts.cpuid(0x21, 0));
    }

    @Test
    void tdxIsInItsLeafAndInTheInfoCall() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.TDX).build()) {
            CpuFacts facts = machine.cpuFacts().orElseThrow();
            assertTrue(facts.cpuid(0, 0).eax() >= 0x21);
            // "Inte" in EBX, "lTDX" in EDX, four spaces in ECX.
            assertEquals(new Cpuid(0, 0x65746e49, 0x20202020, 0x5844546c), facts.cpuid(0x21, 0));
            assertEquals(OptionalLong.empty(), facts.register(0xc001_0131));
            long[] info = machine.privilegedActs().orElseThrow().execute(Instruction.TDCALL, 1);
            assertEquals(0, info[0]);
            assertEquals(52, info[1] & 0x3f);
        }
    }

    @Test
    void aPowerSecureVmIsInTheMachineState() {
        CpuFacts facts = facts(Platform.PSERIES_SVM);
        assertEquals(Architecture.PPC64, facts.architecture());
        assertNotEquals(0, facts.register(0).orElseThrow() & 1 << 22);
        assertEquals(Cpuid.NONE, facts.cpuid(0, 0));
        assertEquals(OptionalLong.empty(), facts.register(1));
    }

    @ParameterizedTest
    @EnumSource(Instruction.class)
    void noneOfTheInstructionsExistsOnAPlainMachine(Instruction instruction) {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.PLAIN).build()) {
            MachineDiedException died = assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().execute(instruction));
            assertTrue(died.getMessage().contains(instruction.name()), died::getMessage);
            assertThrows(MachineDiedException.class, () -> machine.cpu().relax());
            Guests.assertClause(machine, "x86:undefined-instruction");
        }
    }

    @Test
    void instructionsOfAnotherPlatformDoNotExist() {
        for (Platform platform : PokedPlatform.SECURE) {
            Instruction foreign = platform == Platform.TDX ? Instruction.PVALIDATE : Instruction.TDCALL;
            try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
                assertThrows(
                        MachineDiedException.class,
                        () -> machine.privilegedActs().orElseThrow().execute(foreign),
                        platform::platformName);
            }
        }
    }

    @Test
    void aPlainMachineHasNoAddressBitToSet() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.PLAIN).build()) {
            machine.privilegedActs().orElseThrow().mapPages(0x1000, 0x1000, 0);
            assertThrows(
                    MachineDiedException.class,
                    () -> machine.privilegedActs().orElseThrow().mapPages(0x1000, 0x1000, 1L << 51));
        }
    }

    @Test
    void platformsHaveNames() {
        for (Platform platform : Platform.values()) {
            assertEquals(platform, Platform.named(platform.platformName()));
        }
        IllegalArgumentException unknown = assertThrows(IllegalArgumentException.class, () -> Platform.named("sgx"));
        assertTrue(unknown.getMessage().contains("sev-snp"), unknown::getMessage);
    }
}
