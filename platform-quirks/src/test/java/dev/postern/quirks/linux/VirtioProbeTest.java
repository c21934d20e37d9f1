package dev.postern.quirks.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps of virtio_dev_probe() before a driver runs. */
final class VirtioProbeTest {

    private static LinuxAnswer.Refused refused(String words) {
        return assertInstanceOf(LinuxAnswer.Refused.class, LinuxRule.of(Sheets.of(words)), words);
    }

    private static LinuxAnswer.Served served(String words) {
        return assertInstanceOf(LinuxAnswer.Served.class, LinuxRule.of(Sheets.of(words)), words);
    }

    @ParameterizedTest
    @CsvSource({
        "modern-pci, virtio: device uses modern interface but does not have VIRTIO_F_VERSION_1",
        "transitional-pci, virtio: device uses modern interface but does not have VIRTIO_F_VERSION_1",
        "modern-mmio, New virtio-mmio devices (version 2) must provide VIRTIO_F_VERSION_1 feature!",
        "ccw, virtio: device uses revision 1 but does not have VIRTIO_F_VERSION_1"
    })
    void aModernInterfaceWithoutVersion1IsRefused(String transport, String message) {
        assertEquals(
                new LinuxAnswer.Refused(Errno.EINVAL, message), refused("version-1=absent;transport=" + transport));
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy-pci", "legacy-mmio"})
    void aLegacyInterfaceHasNoBitsFrom32On(String transport) {
        assertEquals(
                Set.of(),
                served("access-platform=offered;order-platform=offered;transport=" + transport)
                        .accepted());
    }

    @Test
    void allThreeBitsAreAcceptedWhenOffered() {
        assertEquals(
                Set.of(LinuxFeature.VERSION_1, LinuxFeature.ACCESS_PLATFORM, LinuxFeature.ORDER_PLATFORM),
                served("access-platform=offered;order-platform=offered").accepted());
        assertEquals(Set.of(LinuxFeature.VERSION_1), served("").accepted());
    }

    @Test
    void theBalloonDriverGivesAccessPlatformUp() {
        LinuxAnswer.Served served = served("access-platform=offered;device-type=5");
        assertEquals(Set.of(LinuxFeature.VERSION_1), served.accepted());
        assertEquals(DmaPath.RAW, served.path());
        assertEquals(
                "device must provide VIRTIO_F_ACCESS_PLATFORM",
                refused("access-platform=offered;device-type=5;protection=sev").message());
    }

    @Test
    void aDeviceThatNeedsTheBitRefusesFeaturesWithoutIt() {
        assertEquals(
                "virtio: device refuses features",
                refused("access-platform=offered;device-type=5;needs-access-platform=yes")
                        .message());
        assertEquals(
                DmaPath.DIRECT,
                served("access-platform=offered;needs-access-platform=yes").path());
        assertEquals(DmaPath.RAW, served("needs-access-platform=yes").path());
        assertEquals(
                DmaPath.RAW,
                served("access-platform=offered;needs-access-platform=yes;transport=legacy-pci")
                        .path());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sev", "sev-es", "sev-snp", "hyperv-vtom", "hyperv-vbs", "tdx"})
    void aProtectedX86GuestRequiresAccessPlatform(String protection) {
        assertEquals(
                new LinuxAnswer.Refused(Errno.ENODEV, "device must provide VIRTIO_F_ACCESS_PLATFORM"),
                refused("protection=" + protection));
        assertEquals(
                DeviceView.SHARED_COPY,
                served("access-platform=offered;protection=" + protection).view());
    }

    @Test
    void aProtectedGuestRequiresVersion1First() {
        assertEquals(
                "device must provide VIRTIO_F_VERSION_1",
                refused("protection=sev;transport=legacy-pci").message());
    }

    @Test
    void aProtectedS390GuestRequiresAccessPlatform() {
        assertEquals(
                "device must provide VIRTIO_F_ACCESS_PLATFORM",
                refused("protection=s390-pv;architecture=s390;transport=ccw").message());
        assertEquals(
                Bounce.ALWAYS,
                served("protection=s390-pv;architecture=s390;transport=ccw;access-platform=offered")
                        .bounce());
    }

    @ParameterizedTest
    @CsvSource({"cca, arm", "pkvm, arm", "pseries-svm, power", "pkvm-x86, x86", "sme-host, x86"})
    void otherProtectionsHandOutPrivateAddresses(String protection, String architecture) {
        LinuxAnswer.Served served = served("protection=" + protection + ";architecture=" + architecture);
        assertEquals(DmaPath.RAW, served.path());
        assertEquals(DeviceView.PRIVATE_MEMORY, served.view());
    }

    @ParameterizedTest
    @CsvSource({
        "xen=pv, true",
        "xen=pv;xen-initial-domain=yes, false",
        "xen=pv;xen-force-grant=yes;xen-initial-domain=yes, false",
        "xen=hvm, false",
        "xen=hvm;xen-force-grant=yes, true",
        "xen=hvm;xen-force-grant=yes;xen-initial-domain=yes, false",
        "xen=none;xen-force-grant=yes, false",
        "xen=pv;iommu-node=other, false",
        "architecture=arm;xen=hvm, false",
        "architecture=arm;xen=hvm;xen-force-grant=yes, false",
        "architecture=arm;xen=hvm;iommu-node=other;xen-force-grant=yes, false",
        "'architecture=arm;xen=hvm;iommu-node=xen,grant-dma', true",
        "architecture=arm;xen=hvm;acpi-cca=1;xen-force-grant=yes, true",
        "architecture=arm;xen=hvm;acpi-cca=1, false",
        "architecture=arm;xen=none;iommu-node=other, false",
        "architecture=power;xen=hvm;xen-force-grant=yes, false",
        "xen=pv;protection=sev, false"
    })
    void grantsAreSetUpWhereXenFindsABackEnd(String words, boolean found) {
        assertEquals(found, VirtioCheckMemAcc.setsUpGrants(Sheets.of(words)), words);
        if (found) {
            assertEquals(
                    "device must provide VIRTIO_F_ACCESS_PLATFORM",
                    refused(words).message());
            assertEquals(
                    DmaPath.XEN_GRANTS,
                    served(words + ";access-platform=offered").path());
            assertEquals(
                    AddressForm.GRANT,
                    served(words + ";access-platform=offered").form());
        }
    }

    @Test
    void everyXenGuestUsesTheDmaApi() {
        assertEquals(DmaPath.DIRECT, served("xen=hvm").path());
        assertEquals(DmaPath.RAW, served("").path());
        assertEquals(DmaPath.DIRECT, served("access-platform=offered").path());
        assertTrue(VringUseDmaApi.uses(Sheets.of("xen=pv"), Set.of()));
        assertFalse(VringUseDmaApi.uses(Sheets.of(""), Set.of(LinuxFeature.VERSION_1)));
    }

    @Test
    void orderPlatformAloneMakesBarriersFitForDevices() {
        assertEquals(Barriers.DEVICE, served("order-platform=offered").barriers());
        assertEquals(Barriers.WEAK, served("barriers=device").barriers());
    }

    @Test
    void aLegacyRingMayLieTooHigh() {
        assertEquals(
                RingFit.MAY_BE_REFUSED,
                served("transport=legacy-pci;ram-bits=45").ringFit());
        assertEquals(RingFit.FITS, served("transport=legacy-pci;ram-bits=44").ringFit());
        assertEquals(RingFit.FITS, served("transport=modern-pci;ram-bits=45").ringFit());
        assertEquals(
                RingFit.FITS, served("transport=legacy-pci;ram-bits=45;xen=hvm").ringFit());
    }

    @ParameterizedTest
    @CsvSource({
        "virtio-iommu, not-up, true",
        "smmuv3, not-up, true",
        "intel, not-up, false",
        "amd, not-up, false",
        "virtio-iommu, up, false",
        "virtio-iommu, no-driver, false"
    })
    void theBusWaitsForADescribedIommuEvenWithoutAccessPlatform(String kind, String state, boolean waits) {
        Optional<LinuxAnswer.Deferred> deferral =
                DmaConfigure.deferral(Sheets.of("iommu-kind=%s;iommu-state=%s".formatted(kind, state)));
        assertEquals(waits, deferral.isPresent());
        if (waits) {
            assertEquals(
                    new LinuxAnswer.Deferred("the driver of " + kind),
                    LinuxRule.of(Sheets.of("iommu-kind=%s;iommu-state=%s".formatted(kind, state))));
        }
    }

    @Test
    void aDeviceWithDummyOperationsDoesNotWait() {
        assertEquals(
                Optional.empty(),
                DmaConfigure.deferral(
                        Sheets.of("architecture=arm;acpi-cca=missing;iommu-kind=smmuv3;iommu-state=not-up")));
    }
}
