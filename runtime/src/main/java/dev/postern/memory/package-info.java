/**
 * Physical memory as the guest sees it: where RAM is, and who has which frames of it.
 *
 * <p>All addresses are guest-physical, in bytes, and below 2<sup>63</sup>.
 */
package dev.postern.memory;
