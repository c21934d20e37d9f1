package dev.postern.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuirkFileReaderTest {

    private static final String GOOD = """
        [[row]]
        id = "one"
        title = "a title"
        reason = "a reason"
        source = "a source"
        [row.match]
        device-type = 5
        address-bits = "<=32"
        [row.set]
        bus-bits = 32
        [row.given]
        device-type = 5
        [row.expect]
        bus-bits = "32"
        """;

    private static QuirkFile read(String text) {
        return QuirkFileReader.read("f.toml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String complaint(String text) {
        List<Complaint> complaints = read(text).complaints();
        assertEquals(1, complaints.size(), complaints::toString);
        String line = complaints.getFirst().toString();
        assertEquals(1, line.lines().count(), line);
        return line;
    }

    private static void complains(String start, String about, String text) {
        String line = complaint(text);
        assertTrue(line.startsWith(start) && line.contains(about), line);
        assertTrue(read(text).rows().isEmpty(), line);
    }

    @Test
    void aRowAsItShouldBeIsReadWithItsPlace() {
        QuirkFile file = read("# a remark\n\n" + GOOD);
        assertEquals(List.of(), file.complaints());
        QuirkRow row = file.rows().getFirst();
        assertEquals("one at f.toml:3", row.toString());
        assertEquals(
                new Condition(FactName.ADDRESS_BITS, List.of("<=32")),
                row.match().get(1));
        assertEquals("32", row.set().get(FactName.BUS_BITS));
    }

    @Test
    void anUnknownKeyIsNamedWithItsPlaceAndTheNearestFact() {
        complains("f.toml:8:1: ", "address-bits", GOOD.replace("address-bits = ", "adress-bits = "));
        complains("f.toml:3:1: ", "unknown key \"titel\"", GOOD.replace("title = ", "titel = \"x\"\ntitle = "));
    }

    @Test
    void aValueOutsideItsEnumerationIsRefused() {
        complains(
                "f.toml:10:1: ",
                "is no value of snooped: give one of [yes, no]",
                GOOD.replace("bus-bits = 32", "snooped = \"si\"").replace("bus-bits = \"32\"", "snooped = \"no\""));
        complains("f.toml:10:1: ", "a number from 1 to 64", GOOD.replace("bus-bits = 32", "bus-bits = 65"));
    }

    @Test
    void aRowThatCanNeverMatchIsRefused() {
        complains("f.toml:8:1: ", "can never", GOOD.replace("\"<=32\"", "65"));
        complains("f.toml:8:1: ", "can never match", GOOD.replace("\"<=32\"", "[]"));
    }

    @Test
    void aMissingReasonOrSourceIsRefused() {
        complains("f.toml:1:1: ", "no reason", GOOD.replace("reason = \"a reason\"\n", ""));
        complains("f.toml:5:1: ", "no source", GOOD.replace("\"a source\"", "\" \""));
    }

    @Test
    void aRowThatNamesAnOutcomeIsRefused() {
        complains("f.toml:10:1: ", "is an outcome", GOOD.replace("bus-bits = 32", "plan = \"Direct\""));
    }

    @Test
    void aRowThatSetsWhatWasFoundIsRefused() {
        complains("f.toml:10:1: ", "no row may set it", GOOD.replace("bus-bits = 32", "device-type = 6"));
    }

    @Test
    void aRowWithoutAVectorIsRefused() {
        complains("f.toml:1:1: ", "no test vector", GOOD.substring(0, GOOD.indexOf("[row.given]")));
    }

    @Test
    void whatIsNotTomlIsRefusedWithLineAndColumn() {
        complains("f.toml:2:", "is not TOML", "[[row]]\nid = = 3\n");
    }

    @Test
    void whatIsNotUtf8IsRefusedWithLineAndColumn() {
        byte[] bytes = {'#', '\n', '#', ' ', (byte) 0xff, '\n'};
        List<Complaint> complaints = QuirkFileReader.read("f.toml", bytes).complaints();
        assertEquals(
                "f.toml:2:3: is not UTF-8 from here on: save it as UTF-8",
                complaints.getFirst().toString());
    }

    @Test
    void aFileThatIsTooLongIsNotReadToItsEnd(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("long.toml");
        Files.write(file, new byte[QuirkFileReader.LONGEST + 5]);
        List<Complaint> complaints = QuirkFileReader.read(file).complaints();
        assertTrue(complaints.getFirst().message().contains("longer than 1048576 bytes"), complaints::toString);
    }

    @Test
    void aFolderIsNoFile(@TempDir Path folder) {
        assertTrue(
                QuirkFileReader.read(folder).complaints().getFirst().message().contains("is a folder"));
        assertTrue(QuirkFileReader.read(folder.resolve("none.toml"))
                .complaints()
                .getFirst()
                .message()
                .contains("cannot be read"));
    }

    @Test
    void aBadRowOfALocalFileAloneIsSetAside(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("50-a.toml"), GOOD + GOOD.replace("one", "two").replace("bus-bits = 32", "x = 1"));
        Files.writeString(
                folder.resolve("60-b.toml"),
                GOOD.replace("one", "three").replace("device-type = 5", "device-type = 6"));
        Files.writeString(folder.resolve("70-c.toml"), "[[row\n");
        Files.writeString(folder.resolve("notes.txt"), "no quirk file");
        LocalQuirks local = LocalQuirks.in(folder);
        assertEquals(
                List.of("one", "three"), local.rows().stream().map(QuirkRow::id).toList());
        assertEquals(2, local.complaints().size(), local.complaints()::toString);
        QuirkTable table = QuirkTable.shipped().overriddenBy(local);
        assertEquals("three", table.rows().getLast().id());
    }

    @Test
    void aLocalRowTakesThePlaceOfTheShippedOneOfItsName() {
        QuirkRow mine = read(GOOD.replace("one", "tdx")).rows().getFirst();
        QuirkTable table = QuirkTable.shipped().overriddenBy(new LocalQuirks(List.of(mine), List.of()));
        assertEquals(QuirkTable.shipped().rows().size(), table.rows().size());
        assertEquals(mine, table.row("tdx").orElseThrow());
        assertEquals(mine, table.rows().getLast());
    }

    @Test
    void aFolderThatIsNotThereIsAComplaint(@TempDir Path folder) {
        LocalQuirks local = LocalQuirks.in(folder.resolve("none"));
        assertEquals(1, local.complaints().size());
        assertEquals(List.of(), local.rows());
    }

    @Test
    void duplicatesAndHiddenAndContradictoryRowsAreFound() {
        String other = GOOD.replace("\"one\"", "\"two\"");
        assertTrue(lint(GOOD + GOOD.replace("device-type = 5", "device-type = 6"))
                .contains("that of the row at f.toml:1"));
        assertTrue(lint(GOOD + other).contains("the row one is hidden by two at f.toml:15"), lint(GOOD + other));
        assertTrue(lint(GOOD + other.replace("address-bits = \"<=32\"\n", "")).contains("hidden"));
        assertEquals("", lint(GOOD + other.replace("bus-bits", "iova-bits")));
        assertTrue(lint(GOOD.replace(
                        "device-type = 5\naddress-bits", "iommu-kind = \"none\"\niommu-state = \"up\"\naddress-bits"))
                .contains("can never match"));
    }

    private static String lint(String text) {
        QuirkFile file = read(text);
        assertEquals(List.of(), file.complaints());
        return String.join(
                "\n",
                QuirkLint.check(file.rows()).stream().map(Complaint::toString).toList());
    }
}
