package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hand-over to the benchmarks, with a program in their place whose exit status is the number of its words. */
class BenchCommandTest {

    private static final ClassDesc BENCH = ClassDesc.of("dev.postern.bench.Bench");

    @TempDir
    private Path home;

    @AfterEach
    void forgetHome() {
        System.clearProperty(BenchCommand.HOME);
    }

    @Test
    void theBenchmarksGetTheWordsOfTheCallAndTheirStatusIsOurs() throws IOException {
        System.setProperty(BenchCommand.HOME, home.toString());
        Path folder = Files.createDirectories(home.resolve("test-harness/bench/target/app"));
        try (OutputStream file = Files.newOutputStream(folder.resolve("bench.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.putNextEntry(new JarEntry("dev/postern/bench/Bench.class"));
            jar.write(countingProgram());
        }
        assertEquals(1, CommandCall.of("bench", "dma").status());
        assertEquals(3, CommandCall.of("bench", "--json", "dma", "--quick").status());
    }

    @Test
    void benchmarksThatAreNotBuiltAreAWrongCallThatSaysHowToBuildThem() {
        System.setProperty(BenchCommand.HOME, home.toString());
        CommandCall call = CommandCall.of("bench", "dma");
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        assertTrue(call.err().contains("mvn -pl test-harness/bench -am package"), call.err());
    }

    private static byte[] countingProgram() {
        return ClassFile.of()
                .build(
                        BENCH,
                        program -> program.withMethodBody(
                                "main",
                                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String.arrayType()),
                                ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                                code -> code.aload(0)
                                        .arraylength()
                                        .invokestatic(
                                                ClassDesc.of("java.lang.System"),
                                                "exit",
                                                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int))
                                        .return_()));
    }
}
