/** Environment in which git does the same on every machine, whatever its users have set. */
export const nobodysSettings = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
} as const
