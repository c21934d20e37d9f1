package dev.postern.lab;

import static com.tngtech.archunit.lang.conditions.ArchConditions.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.*;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import com.tngtech.archunit.library.dependencies.SliceRule;
import dev.postern.attach.QemuQ35;
import dev.postern.boot.Boot;
import dev.postern.dma.DmaContexts;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.machine.Machine;
import dev.postern.quirks.decision.DmaDecision;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may know what. */
class ArchitectureTest {

    /** One class of each module says where the module is. */
    private static final Map<String, Class<?>> MODULES = Map.of(
            "runtime", Machine.class,
            "dma-api", DmaContexts.class,
            "platform-quirks", DmaDecision.class,
            "drivers", Boot.class,
            "emulated", EmulatedMachine.class,
            "attach", QemuQ35.class,
            "lab", Trial.class);

    private static final Map<String, JavaClasses> CLASSES = new HashMap<>();
    private static JavaClasses all;

    @BeforeAll
    static void read() {
        Set<URI> places = new HashSet<>();
        MODULES.forEach((module, one) -> {
            URI place = placeOf(one);
            places.add(place);
            CLASSES.put(module, new ClassFileImporter().importLocations(Set.of(location(place))));
        });
        assertEquals(MODULES.size(), places.size(), "each module is in a place of its own: " + places);
        all = new ClassFileImporter()
                .importLocations(places.stream().map(ArchitectureTest::location).toList());
        CLASSES.forEach((module, classes) -> assertFalse(classes.isEmpty(), module));
    }

    private static URI placeOf(Class<?> one) {
        return URI.create(
                one.getProtectionDomain().getCodeSource().getLocation().toString());
    }

    private static Location location(URI place) {
        return Location.of(place.getPath().endsWith(".jar") ? URI.create("jar:" + place + "!/") : place);
    }

    private static DescribedPredicate<JavaClass> ours() {
        return JavaClass.Predicates.resideInAPackage("dev.postern..");
    }

    @ParameterizedTest
    @ValueSource(strings = {"emulated", "attach"})
    void theDeviceSideSharesNothingWithTheDriverSide(String module) {
        noClasses()
                .should()
                .dependOnClassesThat(ours().and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(
                        "dev.postern.machine", "dev.postern.os", "dev.postern." + module + ".."))))
                .because("a device that shares a line with the driver shares its bugs")
                .check(CLASSES.get(module));
    }

    /** What judges the transport was not written with a look at it. */
    @Test
    void theScriptedBackEndSharesNothingWithTheDriverSide() {
        JavaClasses backend = new ClassFileImporter().importPackages("dev.postern.lab.backend");
        assertFalse(backend.isEmpty());
        noClasses()
                .that()
                .haveNameNotMatching(".*Test(\\$.*)?")
                .should()
                .dependOnClassesThat(ours().and(DescribedPredicate.not(
                        JavaClass.Predicates.resideInAnyPackage("dev.postern.os", "dev.postern.lab.backend"))))
                .because("a back-end that shares a line with the front-end shares its bugs")
                .check(backend);
    }

    @Test
    void noPackageIsInTwoModules() {
        Map<String, String> moduleOf = new TreeMap<>();
        CLASSES.forEach((module, classes) -> classes.forEach(one -> {
            String other = moduleOf.put(one.getPackageName(), module);
            assertTrue(other == null || other.equals(module), one.getPackageName() + " in " + module + " and " + other);
        }));
    }

    @Test
    void theRuntimeKnowsNeitherVirtioNorDmaPolicyNorAnythingAboveIt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.postern.virtio..",
                        "dev.postern.dma..",
                        "dev.postern.quirks..",
                        "dev.postern.boot..",
                        "dev.postern.app..")
                .check(CLASSES.get("runtime"));
        noClasses().should().haveNameMatching("(?i).*virtio.*").check(CLASSES.get("runtime"));
    }

    @Test
    void theDmaApiKnowsNoVirtioAndNoPolicy() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.postern.virtio..", "dev.postern.quirks..", "dev.postern.boot..")
                .check(CLASSES.get("dma-api"));
        noClasses().should().haveNameMatching("(?i).*virtio.*").check(CLASSES.get("dma-api"));
    }

    @Test
    void theDecisionKnowsNoDriver() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.postern.virtio..", "dev.postern.boot..", "dev.postern.app..")
                .check(CLASSES.get("platform-quirks"));
    }

    @Test
    void theProductKnowsNoHarness() {
        for (String module : new String[] {"runtime", "dma-api", "platform-quirks", "drivers"}) {
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.postern.emulated..", "dev.postern.attach..", "dev.postern.lab..")
                    .check(CLASSES.get(module));
        }
    }

    @Test
    void onlyTheBootOpensContexts() {
        noClasses()
                .that(JavaClass.Predicates.resideOutsideOfPackages(
                        "dev.postern.boot..", "dev.postern.dma..", "dev.postern.lab.."))
                .should()
                .dependOnClassesThat(JavaClass.Predicates.equivalentTo(DmaContexts.class))
                .check(all);
        noClasses()
                .that(JavaClass.Predicates.resideOutsideOfPackage("dev.postern.dma.."))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.postern.dma.backend..")
                .check(all);
    }

    /**
     * The front package of a module may assemble what is hidden behind it, which in turn speaks the front's words: that
     * pair is no cycle to worry about. Every other one is.
     */
    @ParameterizedTest
    @ValueSource(strings = {"runtime", "dma-api", "platform-quirks", "drivers", "emulated", "attach"})
    void thePackagesOfAModuleDependOnEachOtherOneWay(String module) {
        SliceRule rule = slices().matching("dev.postern.(**)").should().beFreeOfCycles();
        for (String front : new String[] {"dev.postern.dma", "dev.postern.emulated"}) {
            rule = rule.ignoreDependency(
                    JavaClass.Predicates.resideInAPackage(front), JavaClass.Predicates.resideInAPackage(front + ".."));
        }
        rule.check(CLASSES.get(module));
    }

    @Test
    void aNameSaysWhatAClassIs() {
        classes()
                .should(not(ArchConditions.haveNameMatching(".*(Utils?|Manager|Impl|Helper)(\\$.*)?$")))
                .check(all);
    }

    @Test
    void nobodyUsesUnsafe() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Unsafe")
                .check(all);
    }
}
