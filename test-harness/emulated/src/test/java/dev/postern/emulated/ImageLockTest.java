package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ImageLockTest {

    @TempDir
    Path folder;

    private Path image;

    @BeforeEach
    void makeImage() throws IOException {
        image = Files.write(folder.resolve("disk.img"), new byte[4096]);
    }

    private EmulatedMachine writer() {
        return EmulatedMachine.builder().device(FileDisk.of(image)).build();
    }

    private EmulatedMachine reader() {
        return EmulatedMachine.builder().device(FileDisk.of(image).ro()).build();
    }

    private void assertRefused(org.junit.jupiter.api.function.Executable open) {
        MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, open);
        assertTrue(refused.getMessage().contains(image.toString()), refused.getMessage());
        assertTrue(refused.getMessage().contains("give a copy"), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"));
    }

    @Test
    void twoWritersExcludeEachOther() {
        try (EmulatedMachine first = writer()) {
            assertEquals("emulated", first.name());
            assertRefused(this::writer);
        }
        writer().close();
    }

    @Test
    void aReaderAndAWriterExcludeEachOther() {
        try (EmulatedMachine first = writer()) {
            assertEquals("emulated", first.name());
            assertRefused(this::reader);
        }
        try (EmulatedMachine first = reader()) {
            assertEquals("emulated", first.name());
            assertRefused(this::writer);
        }
    }

    @Test
    void readersCoexist() {
        EmulatedMachine first = reader();
        try (EmulatedMachine second = reader()) {
            // The second still holds the lock when the first has let go.
            first.close();
            assertRefused(this::writer);
            assertEquals("emulated", second.name());
        }
        writer().close();
    }

    @Test
    void anotherNameOfTheSameFileIsTheSameFile() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link.img"), image);
        try (EmulatedMachine first = writer()) {
            assertEquals("emulated", first.name());
            MachineBuilder builder = EmulatedMachine.builder().device(FileDisk.of(link));
            assertThrows(MachineConfigurationException.class, builder::build);
        }
    }

    @Test
    void aFailedBuildLeavesNothingLocked() {
        MachineBuilder builder =
                EmulatedMachine.builder().device(FileDisk.of(image)).device(FileDisk.of(folder.resolve("missing.img")));
        assertThrows(MachineConfigurationException.class, builder::build);
        writer().close();
    }

    /** Against QEMU itself: its locks refuse us, and ours refuse it. */
    @Nested
    @Timeout(60)
    class WithQemu {

        private static boolean installed(String program) {
            return Stream.of(System.getenv("PATH").split(":"))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        }

        private static void need(String program, String debianPackage) {
            String remedy = program + " is missing: install the Debian package " + debianPackage;
            if (!installed(program) && "1".equals(System.getenv("POSTERN_REQUIRE_PEERS"))) {
                throw new AssertionError(remedy);
            }
            Assumptions.assumeTrue(installed(program), remedy);
        }

        /** A QEMU program that holds the image until closed; it talks on its standard streams. */
        private final class Holder implements AutoCloseable {
            private final Process process;
            private final String output;

            /** Starts it and waits until its output shows {@code sign}, or it ends. */
            Holder(String input, String sign, String... command) throws IOException {
                process = new ProcessBuilder(command).redirectErrorStream(true).start();
                process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
                process.getOutputStream().flush();
                StringBuilder seen = new StringBuilder();
                InputStream from = process.getInputStream();
                int next = from.read();
                while (next >= 0) {
                    seen.append((char) next);
                    if (seen.indexOf(sign) >= 0) {
                        break;
                    }
                    next = from.read();
                }
                output = seen.toString();
            }

            boolean refused() {
                return output.contains("lock");
            }

            @Override
            public void close() {
                process.destroy();
                process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
            }
        }

        private Holder qemuIo(String... options) throws IOException {
            need("qemu-io", "qemu-utils");
            return new Holder(
                    "",
                    "qemu-io> ",
                    Stream.of(Stream.of("qemu-io", "-f", "raw"), Stream.of(options), Stream.of(image.toString()))
                            .flatMap(s -> s)
                            .toArray(String[]::new));
        }

        /** A guest with a read-only disk: it lets nobody write. */
        private Holder qemuGuest() throws IOException {
            need("qemu-system-x86_64", "qemu-system-x86");
            return new Holder(
                    "{\"execute\":\"qmp_capabilities\"}\n",
                    "\"return\"",
                    "qemu-system-x86_64",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-S",
                    "-qmp",
                    "stdio",
                    "-drive",
                    "if=none,id=d0,format=raw,read-only=on,file=" + image,
                    "-device",
                    "virtio-blk-pci,drive=d0");
        }

        @Test
        void aQemuWriterRefusesOurWriterAndOurReader() throws IOException {
            try (Holder qemu = qemuIo()) {
                assertFalse(qemu.refused(), qemu.output);
                assertRefused(ImageLockTest.this::writer);
                assertRefused(ImageLockTest.this::reader);
            }
            writer().close();
        }

        @Test
        void aQemuGuestThatReadsRefusesOurWriterButNotOurReader() throws IOException {
            try (Holder qemu = qemuGuest()) {
                assertFalse(qemu.refused(), qemu.output);
                assertRefused(ImageLockTest.this::writer);
                reader().close();
            }
        }

        @Test
        void ourWriterRefusesAQemuWriter() throws IOException {
            try (EmulatedMachine machine = writer();
                    Holder qemu = qemuIo()) {
                assertTrue(qemu.refused(), qemu.output);
                assertEquals("emulated", machine.name());
            }
        }

        @Test
        void ourWriterRefusesAQemuGuestThatReads() throws IOException {
            try (EmulatedMachine machine = writer();
                    Holder qemu = qemuGuest()) {
                assertTrue(qemu.refused(), qemu.output);
                assertEquals("emulated", machine.name());
            }
        }

        @Test
        void ourReaderRefusesAQemuWriterButNotAQemuReader() throws IOException {
            try (EmulatedMachine machine = reader()) {
                try (Holder qemu = qemuIo()) {
                    assertTrue(qemu.refused(), qemu.output);
                }
                try (Holder qemu = qemuIo("-r")) {
                    assertFalse(qemu.refused(), qemu.output);
                }
                assertEquals("emulated", machine.name());
            }
        }

        @Test
        void asManyReadersAsLikeOfBothKinds() throws IOException {
            try (Holder guest = qemuGuest();
                    EmulatedMachine first = reader();
                    EmulatedMachine second = reader()) {
                assertFalse(guest.refused(), guest.output);
                assertEquals(List.of("emulated", "emulated"), List.of(first.name(), second.name()));
            }
        }
    }
}
