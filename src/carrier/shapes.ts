/** Shapes of what several carriers send. Whatever has another one is refused before anything is believed. */

/** A duration in whole seconds. */
export const SECONDS = /^[0-9]{1,7}$/;
/** Keys that somebody pressed, one after the other. */
export const KEYS = /^[0-9A-Da-d*#]{1,256}$/;
/** A number, a word such as `anonymous`, `client:…`, `sip:…`. */
export const PARTY = /^[^\p{C}]{0,256}$/u;
