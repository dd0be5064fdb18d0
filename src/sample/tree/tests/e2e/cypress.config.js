const { defineConfig } = require('cypress');

module.exports = defineConfig({
  e2e: {
    baseUrl: process.env.WEB_URL || 'http://localhost:4200',
    specPattern: 'cypress/integration/**/*.cy.js',
    supportFile: 'cypress/support/e2e.js',
    video: false,
    retries: { runMode: 2, openMode: 0 },
  },
});
