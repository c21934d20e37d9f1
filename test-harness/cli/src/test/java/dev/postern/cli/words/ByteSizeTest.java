package dev.postern.cli.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.cli.WrongCallException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({
        "1,1",
        "512,512",
        "1K,1024",
        "64M,67108864",
        "64m,67108864",
        "5G,5368709120",
        "2T,2199023255552",
        "9223372036854775807,9223372036854775807"
    })
    void aLetterStandsForAPowerOf1024(String text, long bytes) {
        assertEquals(bytes, ByteSize.parse("size", text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " 1",
                "1 ",
                "M",
                "-1",
                "+1",
                "1.5G",
                "64MB",
                "64MiB",
                "0x10",
                "1_000",
                "64Q",
                "١",
                "0",
                "0M",
                "9223372036854775808",
                "8388608T",
                "99999999999999999999"
            })
    void anythingElseIsRefusedInOneLineThatNamesIt(String text) {
        WrongCallException wrong = assertThrows(WrongCallException.class, () -> ByteSize.parse("--ram", text));
        assertTrue(wrong.getMessage().startsWith("--ram '" + text + "'"), wrong.getMessage());
        assertTrue(wrong.getMessage().contains("write a"), "no remedy: " + wrong.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 bytes",
        "1023,1023 bytes",
        "1024,1 KiB",
        "1536,1.5 KiB",
        "67108864,64 MiB",
        "5368709120,5 GiB",
        "9223372036854775807,8.0 EiB"
    })
    void aSizeIsShownInTheLargestUnitThatFits(long bytes, String shown) {
        assertEquals(shown, ByteSize.human(bytes));
    }
}
