package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrongCallTest {

    @TempDir
    static Path folder;

    private static Path image;

    @BeforeAll
    static void makeAnImage() throws IOException {
        image = Files.write(folder.resolve("disk.img"), new byte[4096]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|no command: write postern boot",
                "bot|did you mean 'boot'? choose from boot, bounce, explain, quirks, doctor, bench",
                "--verbose|postern: no option '--verbose'",
                "boot --machin emulated|did you mean '--machine'?",
                "boot --machine|--machine needs a value",
                "boot --machine emulatd|did you mean 'emulated'? choose from emulated, qemu-q35, vhost-user",
                "boot --machine vhost_user|did you mean 'vhost-user'?",
                "boot --machine emulated:/tmp/s|joins no socket: leave ':/tmp/s' out",
                "boot --machine vhost-user:|has no socket behind its colon: write vhost-user:SOCKET",
                "boot --machine vhost-user|vhost-user needs a disk: add --device blk,file=FILE",
                "bounce --machine vhost-user --platform tdx|vhost-user needs a disk",
                "boot --machine vhost-user --device rng|has disks and no entropy device: give disks only",
                "boot --machine vhost-user --device blk,size=1M|has no disks in memory: give it an image",
                "boot --machine vhost-user --device bridge,id=b|vhost-user has no bus",
                "boot --machine vhost-user --device blk,file=pom.xm|pom.xm does not exist",
                "boot --machine vhost-user --irq intx --device rng|no interrupt lines: write msix, which is an eventfd",
                "boot --machine vhost-user --seed 1|--seed has no effect on vhost-user",
                "boot --machine vhost-user --platform sev-es --device rng|choose from plain, sev-snp, tdx, pseries-svm",
                "boot --machine vhost-user:/tmp/none --device rng|brings its own device: leave --device out",
                "boot --machine vhost-user:/none/at/all.sock|/none/at/all.sock",
                "boot --machine vhost-user:/tmp|/tmp",
                "boot --machine vhost-user --device blk,file=%I,queue-size=8|qemu-storage-daemon knows file=, ro=, queues=,",
                "boot --machine vhost-user --device blk,file=%I,serial=x|serial=: qemu-storage-daemon knows file=",
                "boot --machine vhost-user --device blk,file=%I,fail-read=3|fail-read=: qemu-storage-daemon knows",
                "boot --machine vhost-user --device blk,file=%I,features=-event_idx|--withhold event_idx keeps the driver",
                "boot --machine vhost-user --device blk,file=%I,features=+packed|never offers ring_packed: leave it out",
                "boot --machine vhost-user --device blk,file=%I,discard=off|--withhold discard",
                "boot --machine vhost-user --device blk,file=%I,queues=0|queues",
                "boot --machine vhost-user --device blk,file=%I,block-size=3000|blocks of 3000 bytes: give a power of two",
                "boot --withhold event_id|no feature 'event_id': did you mean 'event_idx'? choose from",
                "boot --withhold event_idx,|a name is empty: write names with a comma between",
                "boot --withhold|--withhold needs a value",
                "boot --platform plian|did you mean 'plain'? choose from plain, sev,",
                "boot --irq msi|did you mean 'msix'?",
                "boot --queues specialized|did you mean 'specialised'? choose from plain, specialised",
                "boot --app digset|did you mean 'digest'? choose from digest, clone, entropy",
                "boot --device blk,sise=1M|did you mean 'size'?",
                "boot --device|--device needs a value",
                "boot --ram 12Q|is not a size",
                "boot --ram 1M|2 MiB or more",
                "boot --ram 2097153|multiple of 4096",
                "boot --seed x|no whole number",
                "boot --irq msix --irq intx|--irq is given twice",
                "boot disk.img|takes no 'disk.img'",
                "boot --machine qemu-q35 --seed 1|--seed has no effect on qemu-q35",
                "boot --machine qemu-q35 --device blk,size=1M|has no disks in memory",
                "boot --device root-port,id=p --device rng,bus=p --device rng,bus=p|bus p is full",
                "boot --device rng,queue-size=100|give a power of two from 1 to 32768",
                "boot --device rng --app digest|digest needs a disk",
                "boot --device blk,size=1M --app clone|clone needs two disks",
                "doctor --jason|did you mean '--json'?",
                "boot --platform sevsnp|did you mean 'sev-snp'?",
                "boot --pool 4M|--pool has no effect on plain",
                "boot --platform tdx --pool 0|is nothing: write a size above zero",
                "boot --platform tdx --pool 1|from 64 KiB to 64 MiB",
                "boot --platform tdx --pool 63K|from 64 KiB to 64 MiB",
                "boot --platform tdx --pool 66000|whole pages of 4 KiB",
                "boot --platform pseries-svm --pool 68K|whole pages of 64 KiB",
                "boot --platform tdx --pool 128M|from 64 KiB to 64 MiB",
                "boot --platform tdx --pool 1G|from 64 KiB to 64 MiB",
                "boot --platform tdx --ram 32M --pool 17M|from 64 KiB to 16 MiB",
                "boot --platform tdx --machine qemu-q35 --pool 33M|from 64 KiB to 32 MiB",
                "bounce|bounce needs a platform: write --platform with one of sev, sev-es,",
                "bounce --platform|--platform needs a value",
                "bounce --platform tdy|did you mean 'tdx'?",
                "boot --machine qemu-q35 --platform sev-es --device rng|choose from plain, sev-snp, tdx, pseries-svm",
                "bounce --platform plain|nothing bounces on plain",
                "bounce --platform plain --force direct|plain has not: choose from bounced",
                "bounce --platform plain --force direct-data|plain has not: choose from bounced",
                "bounce --platform plain --force bounced --leak-control|needs private memory",
                "bounce --platform tdx --force direkt|did you mean 'direct'? choose from bounced, direct, direct-data",
                "bounce --platform tdx --pool 1|from 64 KiB to 64 MiB",
                "bounce --platform tdx --deadline 0|from 1 to 3600",
                "bounce --platform tdx --deadline 1.5|from 1 to 3600",
                "bounce --platform tdx --device rng|bounce reads disks, and there is none",
                "bounce --platform tdx --app digest|no option '--app'",
                "bounce --platform tdx --machine qemu-q35|bounce reads disks, and there is none",
                "bench|write postern bench with one of dma",
                "bench dmo|did you mean 'dma'? choose from dma",
                "bench dma --quik|did you mean '--quick'?",
                "bench dma|start them with its launcher",
                "explain|no device: write --device",
                "explain --platform pserie-svm --device blk|did you mean 'pseries-svm'? choose from plain, sev,",
                "explain --device|--device needs a value",
                "explain --device blc|did you mean 'blk'?",
                "explain --device blk,adress-bits=3|did you mean 'address-bits'?",
                "explain --device blk,address-bits=65|give a number from 1 to 64",
                "explain --device blk,address-bits=32,address-bits=33|is given twice",
                "explain --device blk,features=+acess_platform|did you mean 'access_platform'?",
                "explain --device blk,features=+access_platform,access-platform=absent|say it once",
                "explain --device blk,transport=legacy-pci,features=+access_platform|feature bits 0 to 31 only",
                "explain --device blk,dma-ranges=0x0|give ranges as cpu+size=bus",
                "explain --device blk,transport=ccw|channel devices are of s390",
                "explain --device blk --fact protecton=sev|did you mean 'protection'?",
                "explain --device blk --fact protection=sex|give one of [none, sev,",
                "explain --device blk --fact protection|write NAME=VALUE",
                "explain --device blk --fact iommu-state=up|no IOMMU that could be in a state",
                "explain --platform xen-pv --device blk --fact protection=tdx|a paravirtualised Xen guest is not"
                        + " protected",
                "explain --device blk --without pserie-svm|did you mean 'pseries-svm'?",
                "explain --device blk --without R1|rules cannot be left out",
                "explain --device blk --why-not bounce|did you mean 'bounced'? choose from direct,",
                "explain --platform tdx --facts x.toml --device blk|give one",
                "explain --facts none.toml --device blk|none.toml:1:1: cannot be read",
                "quirks|no quirks command: write postern quirks list",
                "quirks lst|did you mean 'list'?",
                "quirks show|no row or rule: write postern quirks show",
                "quirks show pserie-svm|did you mean 'pseries-svm'?",
                "quirks list --jsn|did you mean '--json'?",
                "quirks match --platform tdx|no device: write --device",
                "quirks matrix --platform tdx|leave --platform out",
                "doctor --root /|add --record FILE",
                "doctor --record|--record needs a value"
            })
    void aWrongCallEndsWithStatus2AndOneLineThatSaysWhatToDo(String line, String part) {
        CommandCall call = CommandCall.of(
                line.isEmpty() ? new String[0] : line.replace("%I", image.toString()).split(" "));
        assertEquals(ExitStatus.WRONG_CALL, call.status(), call.err());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().startsWith("postern: "), call.err());
        assertTrue(call.err().contains(part), call.err());
    }

    @Test
    void withJsonAWrongCallIsADocumentToo() throws IOException {
        CommandCall call = CommandCall.of("boot", "--json", "--machine", "vax");
        JsonNode root = new ObjectMapper().readTree(call.out());
        assertEquals("postern.boot/1", root.get("schema").asText());
        assertFalse(root.get("ok").asBoolean());
        assertEquals(ExitStatus.WRONG_CALL, root.get("exit").asInt());
        assertTrue(root.get("errors").get(0).asText().startsWith("no machine 'vax'"), call.out());
    }

    @Test
    void aWrongQuestionIsADocumentOfItsSchemaToo() throws IOException {
        for (String line : new String[] {
            "explain --json --platform vax --device blk|postern.explain/1",
            "quirks show --json vax|postern.quirks/1",
            "quirks match --json --device vax|postern.match/1",
            "quirks matrix --json --device vax|postern.matrix/1"
        }) {
            CommandCall call =
                    CommandCall.of(line.substring(0, line.indexOf('|')).split(" "));
            assertEquals(ExitStatus.WRONG_CALL, call.status());
            JsonNode root = new ObjectMapper().readTree(call.out());
            assertEquals(
                    line.substring(line.indexOf('|') + 1), root.get("schema").asText());
            assertFalse(root.get("ok").asBoolean());
            assertEquals(1, root.get("errors").size());
        }
    }

    @Test
    void theTraceIsShownOnlyWhenAskedFor() {
        String[] words = {"boot", "--machine", "vax"};
        assertTrue(
                CommandCall.in(Map.of("POSTERN_TRACE", "1"), words).errLines().size() > 1);
        assertEquals(
                1,
                CommandCall.in(Map.of("POSTERN_TRACE", "0"), words).errLines().size());
    }

    @Test
    void anUnexpectedExceptionIsOneLineAsWell() {
        Failure failure = Failure.of(new IllegalStateException("first line\n\tsecond line"));
        assertEquals(ExitStatus.FAILED, failure.status());
        assertFalse(failure.message().contains("\n"), failure.message());
        assertTrue(failure.message().contains("IllegalStateException"), failure.message());
        assertTrue(failure.message().contains("POSTERN_TRACE=1"), failure.message());
    }

    @Test
    void helpIsNoError() {
        CommandCall call = CommandCall.of("boot", "--help");
        assertEquals(ExitStatus.DONE, call.status());
        assertTrue(call.out().contains("--device=SPEC"), call.out());
        assertEquals("", call.err());
    }
}
