import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

// Mantine wants ten shades of its primary colour; the middle ones are our tokens' neighbours.
const accent: MantineColorsTuple = [
  "#eaeefb",
  "#d3dcf6",
  "#b9c5f0",
  "#94a6e6",
  "#6d86da",
  "#4a6be0",
  "#2f51c8",
  "#2743ad",
  "#203890",
  "#182b72",
];

/** Mantine's parts in our type, radii and spacing; their colours come from `mantineTokens`. */
export const theme = createTheme({
  colors: { accent },
  // its rem are those of a root of 16 px; ours is 14
  scale: 16 / 14,
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 5 },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  defaultRadius: "sm",
  radius: { xs: "4px", sm: "6px", md: "10px", lg: "10px", xl: "16px" },
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "22px" },
  lineHeights: { xs: "16px", sm: "20px", md: "20px", lg: "24px", xl: "32px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "20px" },
  breakpoints: { xs: "20rem", sm: "45rem", md: "45rem", lg: "80rem", xl: "120rem" },
  headings: { fontWeight: "600" },
  respectReducedMotion: true,
});

/** Point Mantine's own colour variables at the tokens, which know light and dark by themselves. */
export const mantineTokens: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--bg)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-3)",
    "--mantine-color-placeholder": "var(--ink-3)",
    "--mantine-color-anchor": "var(--accent-ink)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-border": "var(--field)",
    "--mantine-color-error": "var(--risk)",
    "--mantine-color-disabled": "var(--sunken)",
    "--mantine-color-disabled-color": "var(--ink-3)",
  };
  return { variables: {}, light: shared, dark: shared };
};
