package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkTable;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows and rules that end where another begins: an input on either side of each border. */
final class RowBordersTest {

    private static final String WINDOW =
            "architecture=power;iommu-kind=tce;iommu-state=up;ddw=direct;window-address=0x800000000000000;window-bits=60;";
    private static final String DART = "architecture=power;iommu-state=up;ram-bits=36;";
    private static final String SME = "protection=sme-host;window-address=0x800000000000;window-bits=48;";
    private static final String XEN = "xen=hvm;xen-force-grant=yes;";
    private static final String OUTSIDE = "port=external-facing;";

    private static Decision decide(String words) {
        Map<FactName, String> given = new TreeMap<>();
        for (String word : words.split(";")) {
            given.put(
                    FactName.named(word.substring(0, word.indexOf('='))).orElseThrow(),
                    word.substring(word.indexOf('=') + 1));
        }
        return Answers.decide(given, QuirkTable.shipped(), Rule.inOrder());
    }

    private static void assertPlan(String plan, String words) {
        Decision decision = decide(words);
        assertEquals(
                plan,
                decision.outcome() instanceof Outcome.Refuse
                        ? "refused by "
                                + decision.explanation().settling().rule().id()
                        : decision.outcome().describe(),
                () -> words + "\n" + String.join("\n", decision.explanation().lines()));
    }

    @ParameterizedTest
    @CsvSource({
        "address-bits=32, Translated by tce",
        "address-bits=40, Translated by tce",
        "address-bits=59, Translated by tce",
        "address-bits=60, Direct + 0x800000000000000",
        "bus-bits=59, Translated by tce",
        "bus-bits=60, Direct + 0x800000000000000",
        "bus-bits=32;pmemory=yes, Translated by tce",
        "address-bits=40;pmemory=yes, Translated by tce",
        "address-bits=60;pmemory=yes, Direct + 0x800000000000000"
    })
    void aDirectWindowIsForThoseWhoCanSayItsEnd(String words, String plan) {
        assertPlan(plan, WINDOW + "access-platform=offered;" + words);
    }

    @ParameterizedTest
    @CsvSource({
        "iommu-kind=dart, Translated by dart",
        "iommu-kind=dart-u4, Direct + 0x8000000000",
        "iommu-kind=dart-u4;address-bits=40, Direct + 0x8000000000",
        "iommu-kind=dart-u4;address-bits=39, Translated by dart-u4",
        "iommu-kind=dart-u4;bus-bits=39, Translated by dart-u4"
    })
    void onlyAU4LetsWideDevicesPastItsDart(String words, String plan) {
        assertPlan(plan, DART + "access-platform=offered;" + words);
    }

    @ParameterizedTest
    @CsvSource({
        "access-platform=offered, Direct + 0x800000000000",
        "access-platform=offered;address-bits=48, Direct + 0x800000000000",
        "access-platform=offered;address-bits=47, Bounced over Direct",
        "access-platform=offered;bus-bits=48, Direct + 0x800000000000",
        "access-platform=offered;bus-bits=47, Bounced over Direct",
        "access-platform=absent, Bounced over Direct",
        "access-platform=offered;backend=vhost-kernel, Bounced over Direct",
        "access-platform=offered;backend=vhost-user;backend-requests=absent;iommu-kind=amd;iommu-state=up,"
                + " Bounced over Direct",
        "access-platform=offered;iommu-kind=amd;iommu-state=up, Translated by amd",
        "access-platform=offered;iommu-kind=amd;iommu-state=up;address-bits=32, Translated by amd",
        "access-platform=offered;iommu-kind=amd;iommu-state=up;bus-bits=32, Translated by amd",
        "access-platform=offered;iommu-kind=amd;iommu-state=bypassed;bus-bits=32, Bounced over Direct",
        "access-platform=absent;iommu-kind=amd;iommu-state=up, Bounced over Direct",
        "access-platform=offered;device-type=5, refused by V5"
    })
    void anEncryptedHostsPagesAreForThoseWhoSayTheBitAndAreToldTo(String words, String plan) {
        assertPlan(plan, SME + words);
    }

    @ParameterizedTest
    @CsvSource({
        "architecture=arm;acpi-cca=missing;access-platform=offered, refused by V9",
        "architecture=arm;acpi-cca=missing;access-platform=absent, Direct",
        "dma=forbidden;access-platform=offered, refused by V9",
        "dma=forbidden;access-platform=absent, Direct",
        "dma=forbidden;access-platform=offered;device-type=5, Direct",
        "dma=forbidden;access-platform=offered;xen=pv, Granted",
        "dma=forbidden;access-platform=offered;xen=pv;xen-initial-domain=yes, refused by V9",
        "dma=forbidden;access-platform=offered;grants=spoken, Granted"
    })
    void theFirmwareForbidsWhatThePlatformDecides(String words, String plan) {
        assertPlan(plan, words);
    }

    @ParameterizedTest
    @CsvSource({
        "architecture=x86, Granted",
        "architecture=x86;xen-initial-domain=yes, Direct",
        "architecture=arm, Direct",
        "architecture=arm;iommu-node=other, Direct",
        "'architecture=arm;iommu-node=xen,grant-dma', Granted",
        "architecture=arm;acpi-cca=1, Granted",
        "architecture=arm;acpi-cca=0, Granted",
        "architecture=arm;acpi-cca=missing, Granted",
        "architecture=arm;acpi-cca=1;xen-initial-domain=yes, Direct",
        "architecture=riscv;acpi-cca=1, Direct"
    })
    void grantsAreForcedWhereNoTreeNamesWhoSpeaksThem(String words, String plan) {
        assertPlan(plan, XEN + "access-platform=offered;" + words);
    }

    @ParameterizedTest
    @CsvSource({
        "iommu-kind=intel;iommu-state=bypassed, Bounced over Translated by intel",
        "iommu-kind=amd;iommu-state=bypassed, Bounced over Translated by amd",
        "iommu-kind=smmuv3;iommu-state=bypassed, Bounced over Translated by smmuv3",
        "iommu-kind=virtio-iommu;iommu-state=bypassed, Bounced over Translated by virtio-iommu",
        "iommu-kind=virtio-iommu;iommu-state=no-driver;boot-bypass=on, Direct",
        "iommu-kind=virtio-iommu;iommu-state=bypassed;device-type=23, Direct",
        "iommu-kind=dart-u4;iommu-state=up;ram-bits=36, Direct + 0x8000000000",
        "iommu-kind=intel;iommu-state=bypassed;port=internal, Direct"
    })
    void aDeviceFromOutsideIsNotLetPastAnIommuThatIsDriven(String words, String plan) {
        assertPlan(plan, OUTSIDE + "access-platform=offered;" + words);
    }
}
