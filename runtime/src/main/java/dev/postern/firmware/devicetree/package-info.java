/**
 * The flattened device tree that a boot protocol hands over, and what is asked of it here.
 *
 * <p>{@link dev.postern.firmware.devicetree.DeviceTree#read} checks the whole blob once and makes an immutable tree of it: nodes with
 * their properties and children, found by path or by phandle. A property keeps its raw bytes and says what they mean only when
 * asked, since the blob itself has no types. {@link dev.postern.firmware.devicetree.AddressRange} reads {@code reg} and
 * {@code ranges} with the cell counts of the nodes around them, {@link dev.postern.firmware.devicetree.PhandleArguments} the nodes that
 * others name. {@link dev.postern.firmware.devicetree.RestrictedDmaPool} is the binding of memory that devices are kept to; the others
 * that the DMA side needs are read in {@code dev.postern.topology}.
 *
 * <p>The blob comes from outside and is not trusted: it is copied, every offset and length is checked before it is used, the tree is
 * built by reading strictly forward so that no cycle can arise, and depth, nodes and name lengths are bounded. Whatever is wrong ends
 * in a {@link dev.postern.firmware.devicetree.DeviceTreeException} of one line. Offsets and tokens are those of the Devicetree
 * Specification 0.4, chapter 5 (version 17 of the format); names of properties those of its chapter 2.
 */
package dev.postern.firmware.devicetree;
