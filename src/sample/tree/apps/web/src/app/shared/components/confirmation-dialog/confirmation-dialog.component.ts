import { Component, ElementRef, EventEmitter, Input, Output, ViewChild } from '@angular/core';

@Component({
  selector: 'tp-confirmation-dialog',
  template: `
    <dialog #dialog (cancel)="answered.emit(false)">
      <p>{{ question | translate }}</p>
      <button type="button" tpAutoFocus (click)="close(false)">
        {{ 'common.cancel' | translate }}
      </button>
      <button type="button" class="danger" (click)="close(true)">
        {{ 'common.confirm' | translate }}
      </button>
    </dialog>
  `,
})
export class ConfirmationDialogComponent {
  @Input({ required: true }) question = '';
  @Output() readonly answered = new EventEmitter<boolean>();
  @ViewChild('dialog', { static: true }) private dialog!: ElementRef<HTMLDialogElement>;

  open(): void {
    this.dialog.nativeElement.showModal();
  }

  close(confirmed: boolean): void {
    this.dialog.nativeElement.close();
    this.answered.emit(confirmed);
  }
}
