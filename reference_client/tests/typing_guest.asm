; A guest of 512 bytes: it writes what is typed, and does a little more for some keys.
;
;   a   takes the VMware pointer: SPICE goes to client mouse mode
;   r   gives it back: SPICE goes to server mouse mode
;   s   a tone of 500 Hz from the PC speaker, until q

        cpu 486
        bits 16
        org 0x7C00

BACKDOOR        equ 0x5658
BACKDOOR_MAGIC  equ 0x564D5868
POINTER_DATA    equ 39
POINTER_STATUS  equ 40
POINTER_COMMAND equ 41
POINTER_ENABLE  equ 0x45414552
POINTER_ABSOLUTE equ 0x53424152
POINTER_RELATIVE equ 0x4C455252
POINTER_DISABLE equ 0xF5
HERTZ           equ 500

        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        mov ax, 3                       ; the screen is empty
        int 0x10
        mov ah, 1                       ; nothing blinks: QEMU loses track of that when a session goes on seamlessly
        mov cx, 0x2000
        int 0x10
on_next:
        xor ah, ah                      ; wait for a key
        int 0x16
        push ax
        mov ah, 0x0E                    ; write it
        mov bx, 7
        int 0x10
        pop ax
        cmp al, 'a'
        je on_absolute
        cmp al, 'r'
        je on_relative
        cmp al, 's'
        je on_sound
        cmp al, 'q'
        jne on_next
        in al, 0x61                     ; silence
        and al, 0xFC
        out 0x61, al
        jmp on_next
on_sound:
        mov al, 0xB6                    ; counter 2 makes a square wave
        out 0x43, al
        mov ax, 1193182 / HERTZ
        out 0x42, al
        mov al, ah
        out 0x42, al
        in al, 0x61
        or al, 3
        out 0x61, al
        jmp on_next
on_absolute:
        mov ebx, POINTER_ENABLE
        call on_command
on_full:
        mov cx, POINTER_STATUS          ; its version number stands in the queue, and perhaps old movements
        xor ebx, ebx
        call on_backdoor
        test ax, ax
        jz on_empty
        mov cx, POINTER_DATA
        mov ebx, 1
        call on_backdoor
        jmp on_full
on_empty:
        mov ebx, POINTER_ABSOLUTE
        call on_command
        jmp on_next
on_relative:
        mov ebx, POINTER_RELATIVE
        call on_command
        mov ebx, POINTER_DISABLE        ; else relative movements would go there, too, and none to the PS/2 mouse
        call on_command
        jmp on_next
on_command:
        mov cx, POINTER_COMMAND
on_backdoor:
        movzx ecx, cx
        mov eax, BACKDOOR_MAGIC
        mov edx, BACKDOOR
        in eax, dx
        ret

        times 510 - ($ - $$) db 0
        dw 0xAA55
