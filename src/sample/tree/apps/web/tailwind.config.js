/** @type {import('tailwindcss').Config} */
module.exports = {
  content: ['./src/**/*.{html,ts}'],
  darkMode: 'class',
  theme: {
    extend: {
      colors: {
        brand: { DEFAULT: 'var(--tp-brand)', soft: 'var(--tp-brand-soft)' },
        danger: 'var(--tp-danger)',
      },
    },
  },
};
