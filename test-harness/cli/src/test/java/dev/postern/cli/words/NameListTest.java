package dev.postern.cli.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postern.cli.WrongCallException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameListTest {

    private static final NameList MACHINES = NameList.of("machine", List.of("emulated", "qemu-q35"));

    @ParameterizedTest
    @CsvSource({
        "emulatd,emulated",
        "emualted,emulated",
        "Emulated,emulated",
        "EMULATED,emulated",
        "emu,emulated",
        "qemu,qemu-q35",
        "qemuq35,qemu-q35"
    })
    void theNearestNameIsSuggested(String word, String meant) {
        assertEquals(Optional.of(meant), MACHINES.nearest(word));
    }

    @ParameterizedTest
    @CsvSource({"xen", "'x'", "''", "mainframe"})
    void nothingIsSuggestedForAWordThatIsFarFromAll(String word) {
        assertEquals(Optional.empty(), MACHINES.nearest(word));
    }

    @Test
    void aSwapOfNeighboursIsOneSlip() {
        assertEquals(1, EditDistance.between("bolk", "blok"));
        assertEquals(3, EditDistance.between("", "blk"));
        assertEquals(0, EditDistance.between("blk", "blk"));
    }

    @Test
    void theComplaintHasTheSuggestionAndAllNames() {
        WrongCallException wrong = assertThrows(WrongCallException.class, () -> MACHINES.require("emulatd"));
        assertEquals(
                "no machine 'emulatd': did you mean 'emulated'? choose from emulated, qemu-q35", wrong.getMessage());
        assertFalse(MACHINES.complaint("xen").contains("did you mean"));
    }

    @Test
    void aNameOfTheListIsTakenAsItIs() {
        assertEquals("qemu-q35", MACHINES.require("qemu-q35"));
    }
}
