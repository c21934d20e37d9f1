package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the system says of processes, as it is read. */
class ProcessViewTest {

    private static ProcessMapping part(long offset, long size) {
        return new ProcessMapping(0x1000 + offset, 0x1000 + offset + size, "rw-s", offset, "00:01", 7, "window");
    }

    @Test
    void aLineOfTheMapsIsRead() {
        ProcessMapping file = ProcessMapping.parse(
                "7f6ce7fff000-7f6cebfff000 rw-s 00001000 fe:00 2148872                    /a b (deleted)");
        assertEquals(
                new ProcessMapping(
                        0x7f6ce7fff000L, 0x7f6cebfff000L, "rw-s", 0x1000, "fe:00", 2148872, "/a b (deleted)"),
                file);
        assertTrue(file.shared() && file.readable());
        ProcessMapping anonymous = ProcessMapping.parse("7f6cec000000-7f6d2bfff000 ---p 00000000 00:00 0 ");
        assertEquals("anonymous memory", anonymous.described());
        assertFalse(anonymous.shared() || anonymous.readable());
        assertFalse(anonymous.sameFile(anonymous), "no file is not the same file");
        ProcessMapping top = ProcessMapping.parse("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]");
        assertEquals(4096, top.size());
        assertThrows(IllegalArgumentException.class, () -> ProcessMapping.parse("nonsense"));
    }

    @Test
    void mappingsCoverAFileWhenEachByteIsThereOnce() {
        assertTrue(ProcessMapping.cover(List.of(part(0x2000, 0x1000), part(0, 0x2000)), 0x3000));
        assertFalse(ProcessMapping.cover(List.of(), 0x3000));
        assertFalse(ProcessMapping.cover(List.of(part(0, 0x2000)), 0x3000));
        assertFalse(ProcessMapping.cover(List.of(part(0, 0x4000)), 0x3000));
        assertFalse(ProcessMapping.cover(List.of(part(0, 0x3000), part(0, 0x3000)), 0x3000));
        assertFalse(ProcessMapping.cover(List.of(part(0, 0x1000), part(0x2000, 0x1000)), 0x3000));
    }

    @Test
    void credentialsAreReadAndComparedInEveryRespect() throws IOException {
        String gid = "Gid:\t5\t5\t5\t5";
        String groups = "Groups:\t5 ";
        String none = "CapEff:\t0000000000000000";
        String permitted = "CapPrm:\t0000000000000000";
        String uid = "Uid:\t5\t5\t5\t5";
        assertTrue(ProcessCredentials.parse(List.of(uid, gid, groups, permitted, none))
                .onlyEver(5, 5));
        assertTrue(ProcessCredentials.parse(List.of(uid, gid, "Groups:\t", permitted, none))
                .onlyEver(5, 5));
        for (List<String> wrong : List.of(
                List.of("Uid:\t5\t5\t0\t5", gid, groups, permitted, none),
                List.of(uid, "Gid:\t5\t0\t5\t5", groups, permitted, none),
                List.of(uid, gid, "Groups:\t5 0", permitted, none),
                List.of(uid, gid, groups, "CapPrm:\t000001fffeffffff", none),
                List.of(uid, gid, groups, permitted, "CapEff:\tffffffffffffffff"))) {
            assertFalse(ProcessCredentials.parse(wrong).onlyEver(5, 5), wrong.toString());
        }
        assertEquals(
                7,
                ProcessCredentials.parse(List.of("Uid:\t5\t7\t5\t5", gid, groups, permitted, none))
                        .effectiveUser());
        assertThrows(IOException.class, () -> ProcessCredentials.parse(List.of(uid)));
    }

    @Test
    void aUserThatItDidNotBecomeIsToldWithTheRemedy() {
        long ourselves = ProcessHandle.current().pid();
        IOException told = assertThrows(IOException.class, () -> new QemuUser.Other(64999).confirm(ourselves));
        assertTrue(told.getMessage().contains("64999"), told.getMessage());
        assertTrue(told.getMessage().contains("other than root"), told.getMessage());
    }
}
